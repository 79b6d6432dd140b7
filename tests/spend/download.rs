//! Downloads that go wrong: what is charged, what is kept under which name, and what the ledger says.

use std::path::{Path, PathBuf};

use tokio_util::sync::CancellationToken;
use trackyard_tui::api::{ApiKey, Charge, Client, Clip};
use trackyard_tui::spend::{Door, FailureReason, Ledger, Permit, Progress, Receipt, SpendFailure, SpendState, Target};

use crate::fault_server::{Step, mp3_frames};
use crate::spending::{Bench, buy, confirmed, dies, enter, mortal, receipts, states, track_request};
use crate::steps::{fault, limited};

const AUDIO: &str = "Content-Type: audio/mpeg\r\n";

/// Every file in a folder, hidden ones too, sorted.
fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Buys `trk_1` from a server that answers so.
async fn bought(bench: &Bench, step: Step) -> (Result<PathBuf, SpendFailure>, Receipt) {
    let door = bench.door();
    bench.server.script([step]);
    let bought = buy(&door, track_request("trk_1", None), Target::Folder(bench.music()), false).await;
    (bought.map(|bought| bought.path), receipts(&door).await.remove(0))
}

/// What a failed download kept, and why.
fn not_whole(failure: SpendFailure) -> (String, Option<PathBuf>) {
    assert_eq!(failure.charge, Charge::Charged, "{failure}");
    match failure.reason {
        FailureReason::NotWhole { reason, kept, .. } => (reason, kept),
        other => panic!("{other:?}"),
    }
}

fn length(bytes: usize) -> String {
    format!("{AUDIO}Content-Length: {bytes}\r\n")
}

#[tokio::test]
async fn a_whole_track_is_there_under_its_name_and_nothing_else() {
    let bench = Bench::new().await;
    let (path, receipt) = bought(&bench, Step::Serve).await;
    assert_eq!(path.unwrap(), bench.music().join("trk_1.mp3"));
    assert_eq!(files(&bench.music()), ["trk_1.mp3"]);
    assert_eq!(receipt.state, SpendState::Charged);
    assert_eq!(receipt.duration_seconds, Some(12.0));
}

#[tokio::test]
async fn a_body_cut_short_is_kept_as_a_part_and_says_how_much_came() {
    let bytes = mp3_frames(500);
    let half = bytes[..bytes.len() / 2].to_vec();
    for step in [
        Step::File(length(bytes.len()), half.clone()),
        Step::Stall(length(bytes.len()), half.clone()),
        // Without a length only the last frame, cut, tells.
        Step::File(AUDIO.into(), half[..half.len() - 100].to_vec()),
        Step::File(
            format!("{AUDIO}Transfer-Encoding: chunked\r\n"),
            [b"17700\r\n".to_vec(), half.clone()].concat(),
        ),
    ] {
        let bench = match step {
            Step::Stall(..) => Bench::impatient().await,
            _ => Bench::new().await,
        };
        let (failure, receipt) = bought(&bench, step).await;
        let (reason, kept) = not_whole(failure.unwrap_err());
        assert!(reason.starts_with("incomplete: "), "{reason}");
        assert_eq!(files(&bench.music()), ["trk_1.mp3.part"]);
        assert_eq!(kept, Some(bench.music().join("trk_1.mp3.part")));
        assert_eq!((receipt.state, receipt.path), (SpendState::Charged, kept));
        assert!(receipt.note.unwrap().starts_with("charged, incomplete"));
        assert_eq!(receipt.sha256, None, "it does not count as owned");
        assert_eq!(bench.server.hits_of("/download-track"), 1);
    }
}

#[tokio::test]
async fn how_much_is_missing_is_said_in_bytes() {
    let bench = Bench::new().await;
    let (failure, _) = bought(&bench, Step::File(length(192_000), mp3_frames(100))).await;
    assert!(not_whole(failure.unwrap_err()).0.starts_with("incomplete: 38400 of 192000 bytes"));
}

#[tokio::test]
async fn an_empty_answer_leaves_no_file() {
    let bench = Bench::new().await;
    for step in [Step::File(AUDIO.into(), Vec::new()), Step::File(length(192_000), Vec::new())] {
        let (failure, receipt) = bought(&bench, step).await;
        let (_, kept) = not_whole(failure.unwrap_err());
        assert_eq!((kept, receipt.state), (None, SpendState::Charged));
        assert_eq!(files(&bench.music()), Vec::<String>::new());
    }
}

#[tokio::test]
async fn what_is_no_audio_is_kept_and_never_called_a_track() {
    let noise: Vec<u8> = (0..40_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 25) as u8).collect();
    for (kind, body, ending) in [
        ("application/json", br#"{"url":"https://cdn.example/1.mp3"}"#.to_vec(), "json"),
        ("audio/mpeg", b"<!doctype html><title>Sign in</title>".to_vec(), "html"),
        ("audio/mpeg", noise, "bin"),
        ("audio/mpeg", vec![0; 9000], "bin"),
    ] {
        let bench = Bench::new().await;
        let headers = format!("Content-Type: {kind}\r\nContent-Length: {}\r\n", body.len());
        let (failure, receipt) = bought(&bench, Step::File(headers, body.clone())).await;
        let (reason, kept) = not_whole(failure.unwrap_err());
        assert!(reason.contains("not MP3 audio"), "{reason}");
        assert_eq!(files(&bench.music()), [format!("trk_1.{ending}")]);
        assert_eq!(std::fs::read(kept.unwrap()).unwrap(), body);
        assert_eq!((receipt.state, receipt.sha256), (SpendState::Charged, None));
    }
}

#[tokio::test]
async fn a_folder_that_cannot_take_the_file_is_found_before_anything_is_sent() {
    let bench = Bench::new().await;
    let door = bench.door();
    let file = bench.home.path().join("a file");
    std::fs::write(&file, "in the way").unwrap();
    let mut folders = vec![file.join("below")];
    if cfg!(target_os = "linux") {
        // Nobody can write here, not even root.
        folders.push("/proc/self".into());
    }
    for folder in folders {
        let failure = buy(&door, track_request("trk_1", None), Target::Folder(folder), false)
            .await
            .unwrap_err();
        assert_eq!(failure.charge, Charge::Free);
        assert!(matches!(failure.reason, FailureReason::Target(_)), "{failure}");
        assert!(failure.to_string().contains("choose another folder"), "{failure}");
    }
    assert_eq!((bench.server.hits().len(), receipts(&door).await), (0, vec![]));
}

#[tokio::test]
async fn a_folder_that_goes_away_meanwhile_costs_nothing_twice_and_loses_nothing() {
    let bench = Bench::new().await;
    let door = bench.door();
    bench.server.script([Step::HoldThenServe]);
    let folder = bench.music();
    let buying = tokio::spawn({
        let (door, folder) = (door.clone(), folder.clone());
        async move { buy(&door, track_request("trk_1", None), Target::Folder(folder), false).await }
    });
    bench.server.wait_for_hits(1).await;
    std::fs::remove_dir_all(&folder).unwrap();
    bench.server.release();
    let bought = buying.await.unwrap().unwrap();
    assert_eq!(bought.path, bench.rescue().join("trk_1.mp3"));
    assert_eq!(std::fs::read(&bought.path).unwrap(), mp3_frames(500));
    assert!(bought.note.unwrap().contains("rescue folder"));
    // It is owned all the same.
    let again = buy(&door, track_request("trk_1", None), Target::Folder(folder), false)
        .await
        .unwrap();
    assert_eq!((again.path, again.credits_spent), (bought.path, 0));
    assert_eq!(bench.server.charged(), 1);
}

#[tokio::test]
async fn a_taken_name_is_never_replaced() {
    let bench = Bench::new().await;
    std::fs::create_dir_all(bench.music()).unwrap();
    std::fs::write(bench.music().join("trk_1.mp3"), "mine").unwrap();
    let (path, _) = bought(&bench, Step::Serve).await;
    assert_eq!(path.unwrap(), bench.music().join("trk_1 (2).mp3"));
    assert_eq!(std::fs::read(bench.music().join("trk_1.mp3")).unwrap(), b"mine");
}

#[tokio::test]
async fn no_name_of_the_server_leaves_the_folder() {
    for hint in [
        r#"attachment; filename="../../../evil.mp3""#,
        r#"attachment; filename="/etc/evil.mp3""#,
        r#"attachment; filename="..""#,
        r#"attachment; filename="..\\..\\evil.mp3""#,
        r#"attachment; filename=".bashrc""#,
        r#"attachment; filename="-rf.mp3""#,
        r#"attachment; filename="CON.mp3""#,
        "attachment; filename*=UTF-8''%1b%5b31m%e2%80%ae3pm.mp3",
        "attachment; filename*=UTF-8''..%2f..%2fevil%00.mp3",
    ] {
        let bench = Bench::new().await;
        let bytes = mp3_frames(500);
        let headers = format!("{}Content-Disposition: {hint}\r\n", length(bytes.len()));
        let (path, _) = bought(&bench, Step::File(headers, bytes)).await;
        let path = path.unwrap();
        assert_eq!(path.parent(), Some(bench.music().as_path()), "{hint}");
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(
            !name.starts_with(['.', '-']) && !name.contains(['/', '\\', '\u{1b}', '\u{202e}']),
            "{hint}: {name:?}"
        );
        assert!(!name.to_uppercase().starts_with("CON."), "{hint}: {name:?}");
        assert_eq!(files(bench.home.path()).iter().filter(|name| name.contains("evil")).count(), 0);
    }
}

#[tokio::test]
async fn a_body_that_never_ends_is_left_at_its_stall_and_kept() {
    let bench = Bench::impatient().await;
    let (failure, receipt) = bought(&bench, Step::Stall(AUDIO.into(), mp3_frames(300))).await;
    let (reason, kept) = not_whole(failure.unwrap_err());
    assert!(reason.contains("115200 bytes"), "{reason}");
    assert_eq!(std::fs::read(kept.unwrap()).unwrap(), mp3_frames(300));
    assert_eq!(receipt.state, SpendState::Charged);
}

#[tokio::test]
async fn a_lost_answer_to_a_download_is_looked_up_and_never_bought_again_by_itself() {
    let bench = Bench::new().await;
    let door = bench.door();
    bench.server.script([Step::ResetAfterReading { charged: true }]);
    let clip = Some(Clip::new(30.0, Some(12.0)).unwrap());
    let failure = buy(&door, track_request("trk_1", clip), Target::Folder(bench.music()), false)
        .await
        .unwrap_err();
    assert_eq!(failure.charge, Charge::Unknown);
    assert_eq!(files(&bench.music()), Vec::<String>::new());
    let settled = door.reconcile().await;
    assert!(settled.len() == 1 && settled[0].charged && settled[0].download);
    assert_eq!(states(&door).await, [SpendState::Charged]);
    assert_eq!((bench.server.hits_of("/download-track"), bench.server.charged()), (1, 1));
}

#[tokio::test]
async fn bought_once_it_is_owned_until_the_file_is_gone_or_another_length() {
    let bench = Bench::new().await;
    let door = bench.door();
    let ask = || buy(&door, track_request("trk_1", None), Target::Folder(bench.music()), false);
    let first = ask().await.unwrap();
    assert_eq!(ask().await.unwrap().credits_spent, 0);
    // Another clip is another purchase.
    let clip = Some(Clip::new(30.0, None).unwrap());
    let clipped = buy(&door, track_request("trk_1", clip), Target::Folder(bench.music()), false)
        .await
        .unwrap();
    assert_eq!(clipped.credits_spent, 1);
    std::fs::write(&first.path, "not the file any more").unwrap();
    assert_eq!(ask().await.unwrap().credits_spent, 1);
    assert_eq!(bench.server.charged(), 3);
}

#[tokio::test]
async fn what_is_owned_is_bought_anew_only_when_that_was_asked_for() {
    let bench = Bench::new().await;
    let door = bench.door();
    let ask = |fresh| buy(&door, track_request("trk_1", None), Target::Folder(bench.music()), fresh);
    let spent = [ask(false).await, ask(true).await, ask(false).await].map(|bought| bought.unwrap().credits_spent);
    assert_eq!((spent, bench.server.charged()), ([1, 1, 0], 2));
}

#[tokio::test]
async fn the_receipt_names_the_project() {
    let bench = Bench::new().await;
    let door = bench.door();
    let project = || Some("Film".to_owned());
    let permit = Permit::download_by_confirmation(confirmed(), track_request("trk_1", None), false).for_project(project());
    let target = Target::Folder(bench.music());
    door.download(permit, None, target, CancellationToken::new(), |_| {}).await.unwrap();
    let permit = enter("rain").for_project(project());
    door.search(permit, CancellationToken::new(), |_| {}).await.unwrap();
    let projects: Vec<_> = receipts(&door).await.into_iter().map(|receipt| receipt.project).collect();
    assert_eq!(projects, [project(), project()]);
}

#[tokio::test]
async fn what_another_key_bought_meanwhile_is_not_bought_again() {
    let bench = Bench::new().await;
    bench.clock.stand_still();
    let (one, two) = (bench.door(), bench.door());
    let ask = |door: Door, cancel: CancellationToken| {
        let permit = Permit::download_by_confirmation(confirmed(), track_request("trk_1", None), false);
        let target = Target::Folder(bench.music());
        tokio::spawn(async move { door.download(permit, None, target, cancel, |_| {}).await })
    };
    bench.server.script([limited("30")]);
    let cancel = CancellationToken::new();
    let first = ask(one, cancel.clone());
    bench.clock.wait_for_sleeps(1).await;
    // It has looked for the file, and waits for the other program.
    let second = ask(two.clone(), CancellationToken::new());
    bench.clock.wait_for_sleeps(2).await;
    let key = ApiKey::new("trackyard_live_another_key").unwrap();
    let ledger = Ledger::open(&bench.ledger_path(), &bench.endpoint().origin(), &key.fingerprint()).unwrap();
    let client = Client::new(bench.endpoint(), key).unwrap();
    let other = Door::new(client, ledger, bench.rules()).with_clock(std::sync::Arc::clone(&bench.clock) as _);
    let theirs = buy(&other, track_request("trk_1", None), Target::Folder(bench.music()), false)
        .await
        .unwrap();
    cancel.cancel();
    assert!(first.await.unwrap().is_err());
    bench.clock.advance(std::time::Duration::from_secs(1));
    let ours = second.await.unwrap().unwrap();
    assert_eq!((ours.path, ours.credits_spent, bench.server.charged()), (theirs.path, 0, 1));
    assert_eq!(states(&two).await, [SpendState::Free, SpendState::Free]);
}

#[tokio::test]
async fn the_balance_shown_with_what_is_owned_is_the_last_one_told() {
    let bench = Bench::new().await;
    let door = bench.door();
    let ask = || buy(&door, track_request("trk_1", None), Target::Folder(bench.music()), false);
    ask().await.unwrap();
    bench.server.keep_the_balance_quiet(true);
    bench.server.script([fault(), fault(), fault()]);
    crate::spending::search(&door, "rain").await.unwrap_err();
    assert_eq!(ask().await.unwrap().credits_remaining, Some(49));
}

/// An MP3 whose first frame promises so many frames with sound after it.
fn promising(promised: u32, frames: usize) -> Vec<u8> {
    let mut header = mp3_frames(1);
    header[21..25].copy_from_slice(b"Xing");
    header[25..29].copy_from_slice(&1_u32.to_be_bytes());
    header[29..33].copy_from_slice(&promised.to_be_bytes());
    [header, mp3_frames(frames)].concat()
}

#[tokio::test]
async fn what_is_a_whole_track_and_what_is_not() {
    let junk = |bytes: usize| vec![b'x'; bytes];
    for (body, ending) in [
        // One frame less than promised is how some encoders count.
        (promising(50, 50), "mp3"),
        (promising(51, 50), "mp3"),
        (promising(52, 50), "mp3.part"),
        // The length was kept, so the last frame is as the server has it.
        ([mp3_frames(50), mp3_frames(1)[..100].to_vec()].concat(), "mp3"),
        // A fiftieth of junk is passed over, more is damage, and half of it is no audio.
        ([mp3_frames(49), junk(384)].concat(), "mp3"),
        ([mp3_frames(49), junk(400)].concat(), "mp3.part"),
        ([mp3_frames(20), junk(7600)].concat(), "mp3.part"),
        ([mp3_frames(20), junk(7700)].concat(), "bin"),
    ] {
        let bench = Bench::new().await;
        let (outcome, _) = bought(&bench, Step::File(length(body.len()), body.clone())).await;
        assert_eq!(
            files(&bench.music()),
            [format!("trk_1.{ending}")],
            "{} bytes: {outcome:?}",
            body.len()
        );
    }
}

#[tokio::test]
async fn what_came_stays_though_the_program_ends_in_the_middle_of_it() {
    let bench = Bench::new().await;
    let runtime = mortal();
    bench.server.script([Step::Stall(length(192_000), mp3_frames(100))]);
    let (ending, folder) = (bench.door(), bench.music());
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    runtime.spawn(async move {
        let permit = Permit::download_by_confirmation(confirmed(), track_request("trk_1", None), false);
        let progress = move |progress| drop(tell.send(progress));
        ending
            .download(permit, None, Target::Folder(folder), CancellationToken::new(), progress)
            .await
    });
    while !matches!(told.recv().await, Some(Progress::Receiving { .. })) {}
    dies(runtime).await;
    let left = files(&bench.music());
    assert!(left.len() == 1 && left[0].contains(".part"), "{left:?}");
    let note = receipts(&bench.door()).await.remove(0).note.unwrap();
    assert!(note.contains("not whole") && note.contains(&left[0]), "{note}");
    // A file that somebody took away is not promised.
    std::fs::remove_file(bench.music().join(&left[0])).unwrap();
    assert_eq!(receipts(&bench.door()).await.remove(0).note, None);
}
