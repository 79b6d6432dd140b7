//! Two programs at once, each a process of its own.
#![cfg(unix)]

use std::process::Stdio;

use serde_json::Value;

use crate::fault_server::Step;
use crate::scene::{Scene, files, until};

/// Two programs that ask for the same at the same time, and the documents they print.
async fn two(scene: &Scene, args: &[&str]) -> [Value; 2] {
    scene.bench.server.script([Step::HoldThenServe]);
    let start = || scene.command(args).stdout(Stdio::piped()).spawn().unwrap();
    let first = start();
    scene.bench.server.wait_for_hits(1).await;
    let second = start();
    until("both have the ledger open", || {
        files(&scene.home().join("data/trackyard-tui/ledger.db.owners")).len() == 2
    });
    scene.bench.server.release();
    [first, second].map(|child| {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_of_two_programs_is_one_request() {
    let scene = Scene::new().await;
    let [first, second] = two(&scene, &["search", "rain", "--json"]).await;
    assert_eq!((&first["source"], &first["credits_spent"]), (&"server".into(), &1.into()));
    assert_eq!((&second["source"], &second["credits_spent"]), (&"cache".into(), &0.into()));
    assert_eq!(first["tracks"], second["tracks"]);
    assert_eq!((scene.bench.server.hits_of("/search"), scene.bench.server.charged()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_of_two_programs_is_one_request() {
    let scene = Scene::new().await;
    let folder = format!("{}/", scene.folder().display());
    let [first, second] = two(&scene, &["download", "trk_1", "--yes", "--json", "--output", &folder]).await;
    assert_eq!((&first["credits_spent"], &second["credits_spent"]), (&1.into(), &0.into()));
    assert_eq!(first["path"], second["path"]);
    assert_eq!(
        (scene.bench.server.hits_of("/download-track"), scene.bench.server.charged()),
        (1, 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_on_this_machine_is_asked_without_a_proxy() {
    let scene = Scene::new().await;
    let mut search = scene.command(&["search", "rain"]);
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        // Nobody listens there.
        search.env(name, "http://127.0.0.1:9");
    }
    assert!(search.status().unwrap().success());
    assert_eq!(scene.bench.server.charged(), 1);
}
