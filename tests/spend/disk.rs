//! A disk that is full, for the program itself: the system lets no file grow beyond a size.
#![cfg(unix)]

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use trackyard_tui::spend::SpendState;

use crate::fault_server::{Step, mp3_frames};
use crate::scene::{Scene, files};

/// Runs a command in a world where no file grows beyond so many blocks of 512 bytes. A write beyond it fails, as on a full disk.
fn run(scene: &Scene, blocks: u32, args: &[&str]) -> Output {
    let inner = scene.command(args);
    let mut outer = Command::new("sh");
    outer
        .arg("-c")
        // Without the trap the system would end the program rather than fail the write.
        .arg(format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\""))
        .arg(inner.get_program())
        .args(inner.get_args())
        .env_clear()
        .envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .stdin(Stdio::null());
    outer.output().unwrap()
}

fn document(output: &Output) -> Value {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    serde_json::from_str(&text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fills_up_under_a_download_keeps_the_part_and_tells_the_charge() {
    let scene = Scene::new().await;
    let whole = mp3_frames(5000);
    let headers = format!("Content-Type: audio/mpeg\r\nContent-Length: {}\r\n", whole.len());
    scene.bench.server.script([Step::File(headers, whole.clone())]);
    let folder = format!("{}/", scene.folder().display());
    let args = ["download", "trk_1", "--yes", "--json", "--output", &folder];
    // The ledger finds room; 1.9 MB of music do not, neither in their folder nor in the rescue folder.
    let output = run(&scene, 2048, &args);
    assert_eq!(output.status.code(), Some(8), "{output:?}");
    let error = &document(&output)["error"];
    assert_eq!((&error["code"], &error["charged"]), (&"incomplete".into(), &true.into()));
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains(&format!("of {} bytes", whole.len())) && message.contains("the disk failed"),
        "{message}"
    );

    let receipt = scene.settled().await;
    assert_eq!((receipt.state, receipt.sha256), (SpendState::Charged, None));
    let kept = receipt.path.unwrap();
    assert!(kept.extension().is_some_and(|ending| ending == "part"), "{}", kept.display());
    let came = std::fs::read(&kept).unwrap();
    assert_eq!(receipt.bytes, Some(came.len() as u64));
    assert!(came.len() > 500_000 && whole.starts_with(&came), "{}", came.len());
    let named_mp3 = |folder: &Path| {
        let ending = |name: &str| Path::new(name).extension().is_some_and(|ending| ending == "mp3");
        files(folder).iter().any(|(name, _)| ending(name))
    };
    assert!(!named_mp3(&scene.folder()) && !named_mp3(kept.parent().unwrap()));
    assert_eq!(
        (scene.bench.server.hits_of("/download-track"), scene.bench.server.charged()),
        (1, 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_cannot_grow_lets_nothing_paid_leave() {
    let scene = Scene::new().await;
    assert!(scene.command(&["search", "rain"]).status().unwrap().success());
    let output = run(&scene, 0, &["search", "snow", "--json"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let error = &document(&output)["error"];
    assert_eq!((&error["code"], &error["charged"]), (&"ledger".into(), &false.into()));
    assert!(error["message"].as_str().unwrap().contains("nothing paid is sent"), "{error}");
    assert_eq!((scene.bench.server.hits_of("/search"), scene.bench.server.charged()), (1, 1));
    // With room it goes on.
    assert!(scene.command(&["search", "snow"]).status().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_what_was_paid_for_still_answers_for_nothing() {
    let scene = Scene::new().await;
    assert!(scene.command(&["search", "rain"]).status().unwrap().success());
    // Not one byte can be written; or the ledger can, and the library, whose log is longer, cannot.
    for blocks in [0, 100] {
        let kept = run(&scene, blocks, &["search", "rain", "--json"]);
        assert_eq!(kept.status.code(), Some(0), "{kept:?}");
        let document = document(&kept);
        assert_eq!((&document["source"], &document["credits_spent"]), (&"cache".into(), &0.into()));
        let offline = run(&scene, blocks, &["search", "rain", "--offline", "--json"]);
        assert_eq!(offline.status.code(), Some(0), "{offline:?}");
    }
    assert_eq!((scene.bench.server.hits_of("/search"), scene.bench.server.charged()), (1, 1));
}
