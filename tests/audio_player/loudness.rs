//! What previews are found to be, and loudness evened out: measured on what comes out.

use std::sync::Arc;
use std::time::Duration;

use ebur128::{EbuR128, Mode};
use trackyard_tui::audio::{Analysis, Command, Event, evened};

use super::rig::{Answer, Rig, Server, sine, wav};
use super::seconds;

const RATE: usize = 44_100;

/// Music of sorts: chords that swell, and a knock now and then that is so many times as loud as they are.
fn music(level: f64, knock: f64, length: f64) -> Vec<u8> {
    let samples: Vec<i16> = (0..(length * RATE as f64) as usize)
        .map(|at| {
            let time = at as f64 / RATE as f64;
            let tone = |pitch: f64| (time * pitch * std::f64::consts::TAU).sin();
            let chord = (tone(220.0) + tone(277.2) + tone(329.6) + tone(1_318.5)) / 4.0 * (0.75 + 0.25 * (time * 3.0).sin());
            let since = time % 2.0;
            let hit = knock * (-since * 1_500.0).exp() * (since * 900.0 * std::f64::consts::TAU).sin();
            ((level * (chord + hit)).clamp(-1.0, 1.0) * 32_767.0) as i16
        })
        .collect();
    wav(&samples)
}

/// Integrated loudness in LUFS of one channel heard on both sides.
fn loudness(left: &[f32]) -> f32 {
    let mut meter = EbuR128::new(2, RATE as u32, Mode::I).unwrap();
    let both: Vec<f32> = left.iter().flat_map(|sample| [*sample; 2]).collect();
    meter.add_frames_f32(&both).unwrap();
    meter.loudness_global().unwrap() as f32
}

fn loudest(sound: &[f32]) -> f32 {
    sound.iter().fold(0.0, |most: f32, sample| most.max(sample.abs()))
}

/// From the first sound to the last.
fn without_silence(sound: &[f32]) -> &[f32] {
    let heard = |sample: &f32| sample.abs() > 1e-4;
    let first = sound.iter().position(heard).unwrap();
    &sound[first..=sound.iter().rposition(heard).unwrap()]
}

fn analysed(rig: &mut Rig, url: &str) -> Arc<Analysis> {
    match rig.wait_for(|event| matches!(event, Event::Analysed(of, _) if of == url)) {
        Event::Analysed(_, analysis) => analysis,
        other => panic!("{other:?}"),
    }
}

/// Plays it to its end and gives what came out.
fn heard_whole(rig: &mut Rig, url: &str) -> Vec<f32> {
    rig.wait_until("the one before has faded", |rig| {
        rig.sound().iter().rev().take(4_410).all(|sample| sample.abs() < 1e-4)
    });
    rig.clear_sound();
    let ticket = rig.play(url);
    rig.wait_for(|event| *event == Event::Ended(ticket));
    without_silence(&rig.sound()).to_vec()
}

#[test]
fn a_preview_is_analysed_once_as_soon_as_it_is_whole_and_the_ones_fetched_ahead_too() {
    let server = Server::start(|path| {
        let tone = if path == "/a" { sine(997.0, 3.0) } else { sine(440.0, 1.0) };
        Answer::ok(wav(&tone))
    });
    let mut rig = Rig::new();
    let ticket = rig.play(&server.url("/a"));
    rig.send(Command::Prefetch(vec![server.url("/b"), server.url("/c")]));
    let analysis = analysed(&mut rig, &server.url("/a"));
    // A sine of half of full scale on both sides.
    assert!(
        (analysis.waveform.loudness.unwrap() + 6.0).abs() < 0.2,
        "{:?}",
        analysis.waveform.loudness
    );
    assert!((analysis.true_peak.unwrap() + 6.02).abs() < 0.1, "{:?}", analysis.true_peak);
    assert_eq!(analysis.length, seconds(3.0));
    // A sine begins at nothing.
    assert!(analysis.head < Duration::from_millis(1) && analysis.tail < Duration::from_millis(1));
    assert_eq!(analysis.bytes, 44 + 2 * 3 * 44_100);
    let mut ahead = Vec::new();
    while ahead.len() < 2 {
        if let Event::Analysed(url, analysis) = rig.wait_for(|event| matches!(event, Event::Analysed(..))) {
            assert_eq!(analysis.length, seconds(1.0));
            ahead.push(url);
        }
    }
    ahead.sort();
    assert_eq!(ahead, [server.url("/b"), server.url("/c")], "in whatever order they come");
    rig.wait_for(|event| *event == Event::Ended(ticket));
    // Everything about it is known at once, and nobody listens again.
    let ticket = rig.play(&server.url("/b"));
    let told = rig.wait_for(|event| matches!(event, Event::Waveform(..)));
    assert!(
        matches!(&told, Event::Waveform(of, waveform) if *of == ticket && waveform.complete),
        "{told:?}"
    );
    rig.wait_for(|event| *event == Event::Ended(ticket));
    let times = rig.all_events().iter().filter(|event| matches!(event, Event::Analysed(..))).count();
    assert_eq!(times, 3);
}

#[test]
fn what_is_known_from_earlier_is_used_unless_the_preview_is_another_one() {
    let server = Server::start(|path| {
        let answer = if path == "/sized" { Answer::ok } else { Answer::chunked };
        answer(wav(&sine(440.0, 1.0)))
    });
    let mut rig = Rig::new();
    let (sized, chunked) = (server.url("/sized"), server.url("/chunked"));
    rig.play(&sized);
    let analysis = analysed(&mut rig, &sized);
    // Of a chunked one the size is known in the end.
    for (url, bytes, again) in [
        (&sized, analysis.bytes, false),
        (&sized, analysis.bytes + 1, true),
        (&chunked, analysis.bytes, false),
        (&chunked, analysis.bytes + 1, true),
    ] {
        let mut rig = Rig::new();
        let known = Analysis {
            bytes,
            ..Analysis::clone(&analysis)
        };
        rig.send(Command::Known(vec![(url.clone(), Arc::new(known))]));
        let ticket = rig.play(url);
        rig.wait_for(|event| matches!(event, Event::Waveform(of, waveform) if *of == ticket && waveform.complete));
        let (mut ended, mut listened) = (false, false);
        while !ended || (again && !listened) {
            match rig.wait_for(|event| matches!(event, Event::Ended(_) | Event::Analysed(..))) {
                Event::Ended(_) => ended = true,
                _ => listened = true,
            }
        }
        assert_eq!(listened, again, "{url}, {bytes} bytes");
    }
}

#[test]
fn what_was_cut_short_is_shown_and_not_kept_and_has_its_own_gain() {
    let tone = |level: f64| {
        let samples = sine(1_000.0, 8.0);
        wav(&samples.iter().map(|sample| (f64::from(*sample) * level) as i16).collect::<Vec<_>>())
    };
    let (loud, quiet) = (tone(1.9), tone(0.12));
    let server = Server::start(move |path| match path {
        "/loud" => Answer::ok(loud.clone()),
        _ => Answer::cut_after(quiet.clone(), quiet.len() * 3 / 4),
    });
    let mut rig = Rig::new();
    rig.send(Command::Volume(1.0));
    rig.send(Command::Even(true));
    rig.play(&server.url("/loud"));
    analysed(&mut rig, &server.url("/loud"));
    let ticket = rig.play(&server.url("/cut"));
    let complete = |event: &Event| matches!(event, Event::Waveform(of, waveform) if *of == ticket && waveform.complete);
    let Event::Waveform(_, waveform) = rig.wait_for(complete) else {
        panic!("another event");
    };
    rig.wait_for(|event| matches!(event, Event::Failed(..)));
    let cut = server.url("/cut");
    let kept = |event: &Event| matches!(event, Event::Analysed(url, _) if *url == cut);
    assert!(!rig.all_events().iter().any(kept));
    // It glides there from the gain of the one before, which takes two of its six seconds.
    let sound = rig.sound();
    let sound = without_silence(&sound);
    let (made, last) = (waveform.loudness.unwrap(), loudness(&sound[sound.len() - 2 * RATE..]));
    assert!((last - evened(made)).abs() <= 1.0, "{made} LUFS came out at {last}");
}

#[test]
fn evened_previews_are_equally_loud_within_one_lu_and_do_not_clip() {
    // Loud and flat, of usual loudness, quiet, and quiet with knocks that would clip when raised.
    let previews = [
        ("/loud", 1.0, 0.0),
        ("/usual", 0.45, 0.8),
        ("/quiet", 0.05, 0.5),
        ("/knocks", 0.1, 11.0),
    ];
    let server = Server::start(move |path| {
        let (_, level, knock) = previews.into_iter().find(|(known, ..)| *known == path).unwrap();
        Answer::ok(music(level, knock, 6.0))
    });
    let mut rig = Rig::new();
    rig.send(Command::Volume(1.0));
    let urls: Vec<String> = previews.iter().map(|(path, ..)| server.url(path)).collect();
    // As made, they differ by far.
    let mut made = Vec::new();
    for url in &urls {
        rig.play(url);
        made.push(analysed(&mut rig, url).waveform.loudness.unwrap());
    }
    let spread = |all: &[f32]| all.iter().copied().fold(f32::MIN, f32::max) - all.iter().copied().fold(f32::MAX, f32::min);
    assert!(spread(&made) > 20.0, "{made:?}");
    rig.send(Command::Stop);
    rig.send(Command::Even(true));
    // The last one would clip by far if it were only raised.
    let knocks = evened(made[3]) - made[3];
    assert!(knocks > 3.0, "{knocks} dB");
    let mut heard = Vec::new();
    for url in &urls {
        let sound = heard_whole(&mut rig, url);
        assert!(loudest(&sound) < 0.95, "{url}: {}", loudest(&sound));
        heard.push(loudness(&sound));
    }
    assert!(spread(&heard) <= 1.0, "{made:?} came out as {heard:?}");
    for (made, heard) in made.iter().zip(&heard) {
        assert!(
            (evened(*made) - heard).abs() <= 1.0,
            "{made} came out at {heard} instead of {}",
            evened(*made)
        );
    }
    // And off again, each is as it is made.
    rig.send(Command::Even(false));
    let sound = heard_whole(&mut rig, &urls[0]);
    assert!((loudness(&sound) - made[0]).abs() < 0.3);
}

#[test]
fn before_a_preview_is_whole_its_gain_glides() {
    // A steady tone that is much louder than what is assumed, and the last third of it held back.
    let tone = sine(1_000.0, 12.0);
    let loud: Vec<i16> = tone.iter().map(|sample| (f64::from(*sample) * 1.9) as i16).collect();
    let body = wav(&loud);
    let held = body.len() * 2 / 3;
    let server = Server::start(move |_| Answer::held_after(body.clone(), held));
    let mut rig = Rig::new();
    rig.send(Command::Volume(1.0));
    rig.send(Command::Even(true));
    let ticket = rig.play(&server.url("/a"));
    rig.wait_for(|event| matches!(event, Event::Position(_, at) if *at > seconds(4.5)));
    assert!(server.is_holding(), "it is not whole yet");
    server.release();
    rig.wait_for(|event| *event == Event::Ended(ticket));
    let sound = without_silence(&rig.sound()).to_vec();
    // Levels of 20 ms, which a tone of 1 kHz fills evenly.
    let levels: Vec<f32> = sound[RATE / 10..sound.len() - RATE / 10]
        .chunks_exact(RATE / 50)
        .map(|part| 10.0 * (part.iter().map(|sample| sample * sample).sum::<f32>() / part.len() as f32).log10())
        .collect();
    let step = levels.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
    assert!(step < 0.5, "a jump of {step} dB");
    let fell = levels[0] - levels[levels.len() - 1];
    assert!(fell > 5.0, "it has glided by {fell} dB");
    let last = loudness(&sound[sound.len() - 3 * RATE..]);
    assert!((last - evened(-0.4)).abs() <= 1.0, "{last} LUFS once it is whole");
}

#[test]
fn switching_even_loudness_glides_too() {
    let server = Server::start(|_| Answer::ok(wav(&sine(1_000.0, 6.0))));
    let mut rig = Rig::new();
    rig.send(Command::Volume(1.0));
    rig.play(&server.url("/a"));
    analysed(&mut rig, &server.url("/a"));
    rig.wait_until("the tone is heard", |rig| rig.heard(1_000.0));
    let before = loudest(&rig.sound());
    rig.send(Command::Even(true));
    rig.wait_until("it is quieter", |rig| {
        let sound = rig.sound();
        loudest(&sound[sound.len().saturating_sub(4_410)..]) < before * 0.3
    });
    let sound = without_silence(&rig.sound()).to_vec();
    let jump = sound.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
    // The tone itself moves by 0.071 a sample.
    assert!(jump < 0.075, "a click of {jump}");
}

#[test]
fn what_begins_or_ends_does_so_over_5_to_15_ms() {
    // Half of full scale all the time: what comes out is the ramp itself.
    let server = Server::start(|_| Answer::ok(wav(&vec![16_384_i16; 5 * RATE])));
    let audible = |sample: &f32| *sample > 0.001;
    let whole = |sample: &f32| *sample > 0.499;
    let mut rig = Rig::new();
    rig.send(Command::Volume(1.0));
    rig.play(&server.url("/a"));
    for end in [Command::Pause, Command::Stop] {
        rig.wait_until("it is there", |rig| rig.sound().last().is_some_and(whole));
        rig.send(end.clone());
        rig.wait_until("it is gone", |rig| rig.sound().last().is_some_and(|sample| !audible(sample)));
        let sound = rig.sound();
        let rise = sound.iter().position(whole).unwrap() - sound.iter().position(audible).unwrap();
        let fall = sound.iter().rposition(audible).unwrap() - sound.iter().rposition(whole).unwrap();
        for frames in [rise, fall] {
            let millis = frames as f64 * 1_000.0 / RATE as f64;
            assert!((5.0..=15.0).contains(&millis), "{millis} ms, then {end:?}");
        }
        rig.clear_sound();
        rig.send(Command::Resume);
    }
}
