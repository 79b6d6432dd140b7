//! Every kind of preview, however the server sends it.

use trackyard_tui::audio::{Command, Event};

use super::rig::{Answer, Rig, Server, sine, wav};
use super::seconds;

/// Two seconds: one at 440 Hz, one at 880 Hz. AAC alone, without a file around it, does not tell what the encoder put before and behind.
fn sounds() -> Vec<(&'static str, Vec<u8>, f64)> {
    let both: Vec<i16> = [sine(440.0, 1.0), sine(880.0, 1.0)].concat();
    vec![
        ("wav", wav(&both), 0.001),
        ("mp3", include_bytes!("../sounds/tone.mp3").to_vec(), 0.001),
        ("flac", include_bytes!("../sounds/tone.flac").to_vec(), 0.001),
        ("ogg", include_bytes!("../sounds/tone.ogg").to_vec(), 0.001),
        ("m4a", include_bytes!("../sounds/tone.m4a").to_vec(), 0.001),
        (
            "m4a, its index last",
            include_bytes!("../sounds/tone-index-last.m4a").to_vec(),
            0.001,
        ),
        ("aac", include_bytes!("../sounds/tone.aac").to_vec(), 0.05),
    ]
}

type Delivery = fn(Vec<u8>) -> Answer;

/// However a body can come. None of them knows ranges.
const DELIVERIES: [(&str, Delivery); 3] = [
    ("with a length", Answer::ok),
    ("chunked", Answer::chunked),
    ("until the connection closes", Answer::until_close),
];

#[test]
fn every_kind_plays_from_its_first_sound_to_its_end_however_it_comes() {
    for (kind, body, slack) in sounds() {
        for (delivery, answer) in DELIVERIES {
            let what = format!("{kind}, {delivery}");
            let bytes = body.clone();
            let server = Server::start(move |_| answer(bytes.clone()));
            let mut rig = Rig::new();
            let ticket = rig.play(&server.url("/a"));
            rig.wait_until(&format!("{what}: the first second is heard"), |rig| rig.heard(440.0));
            rig.wait_until(&format!("{what}: the second one is heard"), |rig| rig.heard(880.0));
            rig.wait_for(|event| *event == Event::Ended(ticket));
            let sound = rig.sound();
            let first = sound.iter().position(|sample| sample.abs() > 0.05).unwrap();
            let last = sound.iter().rposition(|sample| sample.abs() > 0.05).unwrap();
            // What the machine was too busy for is silent, and is not music.
            let loud = |part: &&[f32]| part.iter().any(|sample| sample.abs() > 0.05);
            let heard = sound[first..=last].chunks(441).filter(loud).count() as f64 / 100.0;
            assert!((heard - 2.0).abs() < 0.06, "{what}: {heard} s are heard");
            let lengths = rig.all_events().into_iter().filter_map(|event| match event {
                Event::Length(_, length) => Some(length.as_secs_f64()),
                _ => None,
            });
            let length = lengths.last().unwrap();
            assert!((length - 2.0).abs() <= slack, "{what}: {length} s long");
            assert!(
                server
                    .requests()
                    .iter()
                    .all(|request| !request.to_lowercase().contains("\r\nrange:")),
                "{what}"
            );
            assert_eq!(server.paths().len(), 1, "{what}");
        }
    }
}

#[test]
fn every_kind_can_be_sought_in() {
    for (kind, body, _) in sounds() {
        let server = Server::start(move |_| Answer::chunked(body.clone()));
        let mut rig = Rig::new();
        let ticket = rig.play(&server.url("/a"));
        rig.wait_for(|event| *event == Event::Started(ticket));
        // So that it does not end while it is listened to.
        rig.send(Command::Repeat(true));
        for (place, pitch) in [(1.3, 880.0), (0.3, 440.0), (1.5, 880.0)] {
            rig.send(Command::Seek(seconds(place)));
            rig.wait_for(|event| *event == Event::Position(ticket, seconds(place)));
            rig.clear_sound();
            rig.wait_until(&format!("{kind}: {pitch} Hz at {place} s"), |rig| rig.heard(pitch));
        }
        // At the end it begins again, and that more than once.
        for _ in 0..2 {
            rig.wait_for(|event| matches!(event, Event::Position(_, at) if *at > seconds(1.7)));
            rig.wait_for(|event| matches!(event, Event::Position(_, at) if *at < seconds(0.5)));
        }
        rig.send(Command::Repeat(false));
        rig.wait_for(|event| *event == Event::Ended(ticket));
    }
}

#[test]
fn a_file_plays_like_a_preview_and_says_what_is_wrong_with_it() {
    let folder = tempfile::tempdir().unwrap();
    for (kind, body, _) in sounds() {
        let path = folder.path().join("sound");
        std::fs::write(&path, body).unwrap();
        let mut rig = Rig::new();
        let ticket = rig.play_file(&path);
        rig.wait_until(&format!("{kind}: the first second is heard"), |rig| rig.heard(440.0));
        rig.wait_until(&format!("{kind}: it ended and is analysed"), |rig| {
            rig.was_told(|event| *event == Event::Ended(ticket)) && rig.was_told(|event| matches!(event, Event::Analysed(..)))
        });
        // After the end it plays again from the start.
        rig.clear_sound();
        rig.send(Command::Resume);
        rig.wait_until(&format!("{kind}: it is heard again"), |rig| rig.heard(440.0));
    }
    let text = folder.path().join("text");
    std::fs::write(&text, "not music").unwrap();
    let mut rig = Rig::new();
    for (path, words) in [
        (text.as_path(), "is text, not audio"),
        (folder.path(), "this is a folder"),
        (&folder.path().join("nothing"), "cannot be read"),
    ] {
        let ticket = rig.play_file(path);
        let failed = rig.wait_for(|event| matches!(event, Event::Failed(..)));
        assert!(
            matches!(&failed, Event::Failed(of, why, _) if *of == ticket && why.contains(words)),
            "{failed:?}"
        );
    }
}
