//! `clip` on the command line: free, exact, and clear about what it cannot do.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![cfg(feature = "sandbox")]

mod common;

use std::path::Path;

use common::{House, decoded};

/// Buys the full track that a query finds first.
fn bought(house: &House, query: &str) -> (String, String) {
    let found = house.run(&["search", query, "--limit", "1", "--json"]).exits(0).json();
    let id = found["tracks"][0]["id"].as_str().unwrap().to_owned();
    let file = house.run(&["download", &id, "--yes", "--json"]).exits(0).json();
    (id, file["path"].as_str().unwrap().to_owned())
}

#[test]
fn an_owned_track_is_cut_as_often_as_one_likes_for_nothing() {
    let house = House::new();
    let (id, path) = bought(&house, "epic trailer");
    let charged = house.sandbox.charged();
    let output = |name: &str| house.path().join("cuts").join(name).to_str().unwrap().to_owned();
    for (number, seconds) in ["15", "30", "60", "12.345"].into_iter().enumerate() {
        let to = output(&format!("{seconds}.mp3"));
        let source = if number % 2 == 0 { &id } else { &path };
        let made = house
            .run(&[
                "clip",
                source,
                "--duration",
                seconds,
                "--hit-point",
                "6.5",
                "--fade",
                "1",
                "--output",
                &to,
                "--json",
            ])
            .exits(0)
            .json();
        assert_eq!(
            (&made["path"], &made["credits_spent"], &made["hit_point_seconds"]),
            (&to.as_str().into(), &0.into(), &6.5.into())
        );
        let (decoded, loudest) = decoded(Path::new(&to));
        assert!(
            (decoded - seconds.parse::<f64>().unwrap()).abs() <= 1152.0 / 48_000.0,
            "{decoded} for {seconds}"
        );
        assert!(loudest > 0.05);
        assert!((made["peak_seconds"].as_f64().unwrap() - 6.5).abs() <= 1.0, "{made}");
        let heard = trackyard_tui::clip::listen(&std::fs::read(&to).unwrap()).unwrap();
        let peak = trackyard_tui::clip::peak(&heard).unwrap();
        assert!((peak - 6.5).abs() <= 1.0, "{peak}");
    }
    let again = house
        .run(&["clip", &id, "--duration", "15", "--output", &output("15.mp3")])
        .exits(0);
    assert!(again.stdout().trim_end().ends_with("15 (2).mp3"), "{}", again.stdout());
    assert_eq!(house.sandbox.charged(), charged);
    let tag = lofty_title(Path::new(&output("15.mp3")));
    assert!(tag.ends_with("(15 s)"), "{tag}");
}

fn lofty_title(path: &Path) -> String {
    use lofty::file::TaggedFileExt;
    use lofty::tag::Accessor;
    let file = lofty::read_from_path(path).unwrap();
    file.primary_tag().unwrap().title().unwrap().into_owned()
}

#[test]
fn what_cannot_be_cut_is_told_and_leaves_nothing_behind() {
    let house = House::new();
    let (id, path) = bought(&house, "calm piano");
    let file = |name: &str, bytes: &[u8]| {
        let path = house.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let wav = file("a.mp3", b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0");
    let text = file("b.mp3", b"not music at all");
    let empty = file("c.mp3", b"");
    let folder = house.path().to_str().unwrap().to_owned();
    let out = house.path().join("cut/out.mp3").to_str().unwrap().to_owned();
    // The database's companions come and go with who has it open.
    let files = || {
        let mut files = house.files();
        files.retain(|path| !path.to_string_lossy().contains(".db-"));
        files
    };
    let before = files();
    let table: [(&[&str], i32, &str); 14] = [
        (&[&wav, "--duration", "15"], 1, "WAV file, not an MP3"),
        (&[&text, "--duration", "15"], 1, "not an MP3"),
        (&[&empty, "--duration", "15"], 1, "empty file"),
        (&[&folder, "--duration", "15"], 1, "folder"),
        (&["trk_never_bought", "--duration", "15"], 7, "download trk_never_bought --yes"),
        (&["trk_of.two", "--duration", "15"], 7, "download trk_of.two --yes"),
        (&["no/such/file.mp3", "--duration", "15"], 7, "check the path"),
        (&[&id, "--duration", "5000"], 1, "ask for less"),
        (&[&id, "--duration", "0"], 2, "at least 0.5 s"),
        (&[&id, "--duration", "-3"], 2, "at least"),
        (&[&id, "--duration", "NaN"], 2, "at least"),
        (&[&id, "--duration", "15", "--hit-point", "15"], 2, "hit point"),
        (&[&id, "--duration", "15", "--fade", "16"], 2, "fade"),
        (&[&path, "--duration", "15", "--output", &folder], 1, "--output"),
    ];
    for (args, exit, says) in table {
        let mut all = [&["clip"][..], args].concat();
        if !args.contains(&"--output") {
            all.extend(["--output", &out]);
        }
        let ran = house.run(&all).exits(exit);
        assert!(ran.stderr().contains(says), "{args:?}: {}", ran.stderr());
        all.push("--json");
        assert_eq!(house.run(&all).exits(exit).json()["error"]["charged"], false, "{args:?}");
    }
    assert_eq!(files(), before, "nothing is left behind");
    assert_eq!(house.sandbox.charged(), 2);
}
