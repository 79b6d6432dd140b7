//! What the player does to the device it plays through.

use trackyard_tui::audio::{Command, DeviceEvent, Event, Limits, OutputChoice, Ticket};

use super::rig::{Answer, Rig, Server, mp3, sine, wav};
use super::{SECOND, seconds};

#[test]
fn a_pause_is_silent_and_still_and_lets_the_device_go() {
    let server = Server::start(|_| Answer::ok(wav(&sine(440.0, 6.0))));
    let mut rig = Rig::new();
    let ticket = rig.play(&server.url("/a"));
    rig.wait_until("the tone is heard", |rig| rig.heard(440.0));
    rig.send(Command::Pause);
    rig.send(Command::Seek(SECOND));
    rig.wait_for(|event| *event == Event::Position(ticket, SECOND));
    rig.wait_for(|event| *event == Event::Device(DeviceEvent::Released));
    let since = rig.events_since(|event| *event == Event::Position(ticket, SECOND));
    assert!(
        !since.iter().any(|event| matches!(event, Event::Position(..))),
        "positions while paused: {since:?}"
    );
    let sound = rig.sound();
    assert!(
        sound[sound.len() - 44_100..].iter().all(|sample| sample.abs() < 1e-4),
        "the last second of the pause is silent"
    );
    rig.clear_sound();
    rig.send(Command::Resume);
    rig.wait_until("the tone is heard again", |rig| rig.heard(440.0));
    let place = rig.wait_for(|event| matches!(event, Event::Position(_, at) if *at > SECOND));
    assert!(
        matches!(place, Event::Position(_, at) if at < SECOND * 4),
        "it went on where it was: {place:?}"
    );
    assert_eq!(rig.output.openings(), 2);
}

#[test]
fn without_a_device_everything_runs_silently() {
    for (output, why) in [
        (Some(OutputChoice::None), "sound is switched off"),
        (None, "nothing[0m is plugged in"),
    ] {
        let server = Server::start(|_| Answer::ok(mp3(&sine(440.0, 1.5))));
        let mut rig = Rig::with(Limits::default(), output);
        rig.output.refuse(Some("nothing\x1b[0m is plugged in."));
        let begun = std::time::Instant::now();
        let ticket = rig.play(&server.url("/a"));
        let silent = rig.wait_for(|event| matches!(event, Event::Device(_)));
        assert_eq!(silent, Event::Device(DeviceEvent::Silent(why.into())));
        rig.wait_for(|event| *event == Event::Started(ticket));
        rig.wait_for(|event| *event == Event::Ended(ticket));
        assert!(begun.elapsed() > SECOND, "in real time");
        let events = rig.all_events();
        assert!(
            events
                .iter()
                .any(|event| matches!(event, Event::Waveform(_, waveform) if waveform.complete))
        );
        assert!(events.iter().filter(|event| matches!(event, Event::Position(..))).count() > 6);
    }
}

#[test]
fn a_lost_device_is_opened_again_and_the_place_kept() {
    let server = Server::start(|_| Answer::ok(wav(&sine(440.0, 12.0))));
    let mut rig = Rig::new();
    rig.play(&server.url("/a"));
    rig.wait_for(|event| matches!(event, Event::Position(_, at) if *at > seconds(1.2)));
    rig.output.lose("unplugged");
    rig.wait_until("it was opened again", |rig| rig.output.openings() == 2);
    rig.clear_sound();
    rig.wait_until("it is heard again", |rig| rig.heard(440.0));
    let next = rig.wait_for(|event| matches!(event, Event::Position(..)));
    assert!(
        matches!(next, Event::Position(_, at) if at > SECOND && at < seconds(4.0)),
        "{next:?}"
    );
    // Gone for longer: silently on, and heard again when it is back.
    rig.output.refuse(Some("still unplugged"));
    rig.output.lose("unplugged");
    rig.wait_for(|event| matches!(event, Event::Device(DeviceEvent::Silent(_))));
    rig.wait_for(|event| matches!(event, Event::Position(..)));
    rig.output.refuse(None);
    rig.wait_for(|event| *event == Event::Device(DeviceEvent::Opened));
    rig.clear_sound();
    rig.wait_until("it is heard again", |rig| rig.heard(440.0));
}

#[test]
fn a_device_that_runs_dry_again_and_again_is_opened_anew_with_a_larger_buffer() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audio-buffers");
    let server = Server::start(|_| Answer::ok(wav(&sine(440.0, 6.0))));
    let mut rig = Rig::made(|options| options.buffers = Some(file.clone()));
    let ticket = rig.play(&server.url("/a"));
    rig.wait_for(|event| matches!(event, Event::Position(of, at) if *of == ticket && *at > seconds(0.3)));
    rig.output.run_dry();
    rig.wait_for(|event| *event == Event::Device(DeviceEvent::RanDry(1)));
    rig.output.run_dry();
    rig.wait_for(|event| *event == Event::Device(DeviceEvent::RanDry(2)));
    rig.wait_for(|event| *event == Event::Device(DeviceEvent::Widened(1_024)));
    assert_eq!(rig.output.openings(), 2);
    rig.clear_sound();
    rig.wait_until("it is heard again", |rig| rig.heard(440.0));
    let next = rig.wait_for(|event| matches!(event, Event::Position(..)));
    assert!(matches!(next, Event::Position(_, at) if at > seconds(0.3)), "{next:?}");
    assert_eq!(std::fs::read_to_string(file).unwrap(), "1024 capture\n");
}

#[test]
fn dropped_in_the_middle_of_the_sound_it_fades_out_first() {
    let server = Server::start(|_| Answer::ok(wav(&sine(440.0, 6.0))));
    // While it plays, and in the moment after a stop.
    for stopped in [false, true] {
        let mut rig = Rig::new();
        rig.send(Command::Volume(1.0));
        rig.play(&server.url("/a"));
        rig.wait_until("the tone is heard", |rig| rig.heard(440.0));
        if stopped {
            rig.send(Command::Stop);
        }
        rig.drop_player();
        let sound = rig.sound();
        // Of the tone itself, any millisecond gets louder than a third; of the last one of its ramp, none does than a sixteenth.
        let end = &sound[sound.len() - 44..];
        assert!(
            end.iter().all(|sample| sample.abs() < 0.1),
            "it ends in the middle of the tone: {end:?}"
        );
        let jump = sound.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        // At half of full scale the tone moves by 0.031 a sample, and a ramp of 8 ms adds little to that.
        assert!(jump < 0.04, "a click of {jump}");
    }
}

#[test]
fn what_runs_dry_in_a_pause_makes_no_buffer_larger() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audio-buffers");
    let server = Server::start(|_| Answer::ok(wav(&sine(440.0, 6.0))));
    let mut rig = Rig::made(|options| options.buffers = Some(file.clone()));
    rig.play(&server.url("/a"));
    rig.wait_until("the tone is heard", |rig| rig.heard(440.0));
    rig.send(Command::Pause);
    rig.wait_until("it is silent", |rig| {
        rig.sound().iter().rev().take(4_410).all(|sample| sample.abs() < 1e-4)
    });
    rig.output.run_dry();
    rig.output.run_dry();
    // Which comes two seconds after the pause, and so after these; on a busy machine it may have been told already.
    rig.wait_until("the device is let go", |rig| {
        rig.was_told(|event| *event == Event::Device(DeviceEvent::Released))
    });
    assert!(!file.exists(), "it would be remembered for ever");
    let counted = rig.was_told(|event| matches!(event, Event::Device(DeviceEvent::RanDry(_))));
    assert!(!counted, "nobody heard it");
}

#[test]
fn a_device_that_takes_no_sound_and_says_nothing_is_told_and_taken_up_when_it_does_again() {
    let server = Server::start(|_| Answer::ok(wav(&sine(440.0, 30.0))));
    let mut rig = Rig::new();
    rig.play(&server.url("/a"));
    rig.wait_until("the tone is heard", |rig| rig.heard(440.0));
    rig.all_events();
    rig.output.hang(true);
    let told = rig.wait_for(|event| matches!(event, Event::Device(_)));
    assert_eq!(told, Event::Device(DeviceEvent::Silent("the sound system does not answer".into())));
    // The music goes on where it was.
    let place = |event: &Event| matches!(event, Event::Position(_, at) if *at > SECOND);
    rig.wait_for(place);
    rig.output.hang(false);
    rig.clear_sound();
    rig.wait_until("it is heard again", |rig| rig.heard(440.0));
    assert!(rig.was_told(|event| *event == Event::Device(DeviceEvent::Opened)));
}

#[test]
fn waiting_for_the_preview_is_not_taken_for_a_device_that_hangs() {
    let body = wav(&sine(440.0, 6.0));
    let server = Server::start(move |_| Answer::held_after(body.clone(), 100_000));
    let mut rig = Rig::new();
    let ticket = rig.play(&server.url("/a"));
    rig.wait_for(|event| *event == Event::Buffering(ticket));
    // Longer than a device may take nothing; the player looks at it all the while.
    let begun = std::time::Instant::now();
    rig.wait_until("three seconds have passed", |_| begun.elapsed() > SECOND * 3);
    server.release();
    rig.wait_for(|event| *event == Event::Resumed(ticket));
    let told: Vec<Event> = rig.all_events();
    let told: Vec<&Event> = told.iter().filter(|event| matches!(event, Event::Device(_))).collect();
    assert_eq!(told, [&Event::Device(DeviceEvent::Opened)]);
}

/// A track that plays silently, the device tried so often that it is seconds until the next turn; but it is back.
fn back_before_its_turn() -> (Server, Rig, Ticket) {
    let server = Server::start(|_| Answer::ok(wav(&sine(440.0, 60.0))));
    let mut rig = Rig::new();
    rig.output.refuse(Some("nothing is plugged in"));
    let ticket = rig.play(&server.url("/a"));
    // After a quarter, half, one and two seconds; the next turn is in four.
    rig.wait_until("it was tried again and again", |rig| rig.output.refusals() == 5);
    rig.output.refuse(None);
    let last = rig.all_events().iter().rev().find_map(place_of).unwrap_or_default();
    rig.wait_for(|event| place_of(event).is_some_and(|at| at > last + seconds(1.3)));
    (server, rig, ticket)
}

fn place_of(event: &Event) -> Option<std::time::Duration> {
    match event {
        Event::Position(_, at) => Some(*at),
        _ => None,
    }
}

/// Whether it was opened before this was told.
fn opened_before(rig: &mut Rig, mark: impl Fn(&Event) -> bool) -> bool {
    rig.wait_for(mark);
    rig.was_told(|event| *event == Event::Device(DeviceEvent::Opened))
}

#[test]
fn the_next_track_takes_up_a_device_that_is_back() {
    let (server, mut rig, _) = back_before_its_turn();
    let next = rig.play(&server.url("/b"));
    assert!(opened_before(&mut rig, |event| *event == Event::Started(next)));
}

#[test]
fn a_seek_takes_up_a_device_that_is_back() {
    let (_server, mut rig, ticket) = back_before_its_turn();
    rig.send(Command::Seek(seconds(40.0)));
    assert!(opened_before(&mut rig, |event| *event == Event::Position(ticket, seconds(40.0))));
}

#[test]
fn going_on_after_a_pause_takes_up_a_device_that_is_back() {
    let (_server, mut rig, ticket) = back_before_its_turn();
    rig.send(Command::Pause);
    rig.send(Command::Seek(seconds(40.0)));
    rig.wait_for(|event| *event == Event::Position(ticket, seconds(40.0)));
    rig.send(Command::Resume);
    assert!(opened_before(&mut rig, |event| place_of(event).is_some_and(|at| at > seconds(40.0))));
}

#[test]
fn after_a_device_that_was_steady_the_next_trouble_begins_with_short_waits() {
    let (server, mut rig, _) = back_before_its_turn();
    rig.play(&server.url("/b"));
    rig.wait_for(|event| *event == Event::Device(DeviceEvent::Opened));
    rig.wait_for(|event| place_of(event).is_some_and(|at| at > SECOND));
    rig.send(Command::Pause);
    rig.wait_for(|event| *event == Event::Device(DeviceEvent::Released));
    rig.output.refuse(Some("gone again"));
    rig.send(Command::Resume);
    rig.wait_for(|event| *event == Event::Device(DeviceEvent::Silent("gone again".into())));
    rig.output.refuse(None);
    rig.wait_for(|event| *event == Event::Device(DeviceEvent::Opened));
    let next = rig.wait_for(|event| matches!(event, Event::Position(..)));
    let at = place_of(&next).unwrap_or_default();
    assert!(
        at < seconds(5.0),
        "it was tried again after a quarter of a second of music, not after eight: {at:?}"
    );
}

#[test]
fn a_device_that_another_program_keeps_to_itself_is_taken_when_it_is_free() {
    let server = Server::start(|_| Answer::ok(wav(&sine(440.0, 30.0))));
    let mut rig = Rig::new();
    rig.output.refuse(Some("the device is busy"));
    rig.play(&server.url("/a"));
    rig.wait_for(|event| *event == Event::Device(DeviceEvent::Silent("the device is busy".into())));
    // Another reason is told, and the same one not twice.
    rig.output.refuse(Some("access denied"));
    rig.wait_for(|event| *event == Event::Device(DeviceEvent::Silent("access denied".into())));
    let refused = rig.output.refusals();
    rig.wait_until("it is tried again", |rig| rig.output.refusals() > refused);
    rig.output.refuse(None);
    rig.wait_for(|event| *event == Event::Device(DeviceEvent::Opened));
    rig.wait_until("it is heard", |rig| rig.heard(440.0));
    let reasons = rig.all_events();
    let reasons = reasons
        .iter()
        .filter(|event| matches!(event, Event::Device(DeviceEvent::Silent(_))));
    assert_eq!(reasons.count(), 2);
}
