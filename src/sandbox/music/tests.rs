use super::super::catalogue;
use super::arrangement::Section;
use super::style::Beat;
use super::voices::Stroke;
use super::*;

fn power(samples: &[f32]) -> f64 {
    samples.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / samples.len() as f64
}

fn played(performance: &Performance, at: f64, seconds: f64) -> Vec<f32> {
    let mut block = vec![0.0; samples(seconds) as usize * 2];
    performance.player(samples(at)).fill(&mut block);
    block
}

fn some(step: usize) -> impl Iterator<Item = &'static Track> {
    catalogue::all().tracks().iter().step_by(step)
}

#[test]
fn it_sounds_the_same_from_wherever_it_is_played_and_never_clips() {
    for track in some(241) {
        let performance = Performance::new(track);
        let at = samples(performance.drop_seconds()) - 1000;
        let mut whole = vec![0.0; 40_000];
        performance.player(at).fill(&mut whole);
        let mut later = vec![0.0; 20_000];
        performance.player(at + 10_000).fill(&mut later);
        // What is left of a room's answer from long ago is another one's, softly.
        let differs: Vec<f32> = whole[20_000..].iter().zip(&later).map(|(a, b)| a - b).collect();
        let share = power(&differs) / power(&later);
        assert!(share < 0.02, "{} {share}", track.title);
        assert!(whole.iter().all(|sample| sample.abs() < 0.9), "{}", track.title);
    }
}

#[test]
fn the_drop_is_the_loudest_second() {
    for track in some(211) {
        let performance = Performance::new(track);
        let drop = power(&played(&performance, performance.drop_seconds(), 1.0));
        for at in (0..track.seconds - 1)
            .step_by(7)
            .map(f64::from)
            .filter(|at| (at - performance.drop_seconds()).abs() > 1.5)
        {
            let here = power(&played(&performance, at, 1.0));
            assert!(here < drop, "{} at {at} of {}", track.title, performance.drop_seconds());
        }
    }
}

#[test]
fn it_begins_softly_builds_and_drops() {
    for track in some(191) {
        let performance = Performance::new(track);
        let bar = performance.arrangement.bar_seconds();
        let phrase = |at: f64| power(&played(&performance, at, (4.0 * bar).min(8.0)));
        let (intro, build, drop) = (
            phrase(0.0),
            phrase(performance.drop_seconds() - 4.0 * bar),
            phrase(performance.drop_seconds()),
        );
        // 3 dB and 1 dB at least.
        assert!(intro * 2.0 < drop, "{} {:?}: {intro} {drop}", track.title, track.genre);
        assert!(build * 1.25 < drop, "{} {:?}: {build} {drop}", track.title, track.genre);
    }
}

#[test]
fn it_ends_in_silence_and_without_a_click() {
    for track in some(307) {
        let performance = Performance::new(track);
        let end = played(&performance, performance.seconds() - 0.01, 0.02);
        assert!(end.iter().all(|sample| sample.abs() < 0.01), "{}", track.title);
        let before = played(&performance, performance.seconds() - 4.0, 1.0);
        assert!(power(&before) > 1e-7, "{} is over too early", track.title);
    }
}

/// The sixteenths of the first bars of the drop on which a stroke is played.
fn struck(track: &Track, strokes: &[Stroke]) -> Vec<usize> {
    let performance = Performance::new(track);
    let bar = performance.arrangement.bar_seconds();
    let from = performance.drop_seconds();
    let mut places: Vec<usize> = performance
        .parts
        .iter()
        .filter(|part| matches!(part.sound, Sound::Drum(stroke) if strokes.contains(&stroke)))
        .flat_map(|part| &part.notes)
        .map(|note| (note.start as f64 / f64::from(SAMPLE_RATE) - from) / bar * 16.0)
        .filter(|place| (-0.4..15.5).contains(place))
        .map(|place| place.round() as usize)
        .collect();
    places.sort_unstable();
    places.dedup();
    places
}

#[test]
fn each_genre_has_its_own_beat() {
    const KICKS: &[Stroke] = &[Stroke::Kick, Stroke::ClubKick, Stroke::LongKick];
    const SNARES: &[Stroke] = &[Stroke::Snare, Stroke::ClubSnare, Stroke::Clap, Stroke::Rim];
    let of = |beat: Beat| {
        catalogue::all()
            .tracks()
            .iter()
            .filter(move |track| track.energy == Energy::High && style::Style::of(track).beat == beat)
            .take(4)
    };
    for (beat, kicks, snares) in [
        (Beat::House, vec![0, 4, 8, 12], vec![4, 12]),
        (Beat::Disco, vec![0, 4, 8, 12], vec![4, 12]),
        (Beat::Rock, vec![0, 8, 10], vec![4, 12]),
        (Beat::OneDrop, vec![8], vec![8]),
        (Beat::Reggaeton, vec![0, 4, 8, 12], vec![3, 6, 11, 14]),
        (Beat::Punk, vec![0, 3, 4, 7, 8, 11, 12, 15], vec![2, 6, 10, 14]),
    ] {
        let mut heard = 0;
        for track in of(beat) {
            assert_eq!(struck(track, KICKS), kicks, "{beat:?}: {}", track.title);
            assert_eq!(struck(track, SNARES), snares, "{beat:?}: {}", track.title);
            heard += 1;
        }
        assert!(heard > 0, "{beat:?}");
    }
    // Swing has its ride late between the beats.
    let track = catalogue::all()
        .tracks()
        .iter()
        .find(|track| style::Style::of(track).beat == Beat::Swing && track.instruments.contains(&"drums"))
        .unwrap();
    let performance = Performance::new(track);
    let ride = performance
        .parts
        .iter()
        .find(|part| matches!(part.sound, Sound::Drum(Stroke::Ride)))
        .unwrap();
    let beat = performance.arrangement.bar_seconds() / 4.0;
    let late = ride
        .notes
        .iter()
        .map(|note| (note.start as f64 / f64::from(SAMPLE_RATE) / beat).fract());
    let between: Vec<f64> = late.filter(|place| (0.3..0.9).contains(place)).collect();
    assert!(!between.is_empty());
    assert!(between.iter().all(|place| (0.56..0.72).contains(place)), "{between:?}");
}

#[test]
fn basses_stand_on_the_roots_and_tunes_stay_in_the_key() {
    for track in some(97) {
        let arrangement = Arrangement::of(track);
        let sheet = Sheet::of(track, &arrangement);
        let bar_of = |note: &Note| ((note.start as f64 / f64::from(SAMPLE_RATE) + 0.02) / arrangement.bar_seconds()) as usize;
        let mut first = vec![true; arrangement.bars().len()];
        for note in bass::notes(&sheet, true) {
            let bar = bar_of(&note);
            if std::mem::take(&mut first[bar]) && !matches!(sheet.style.bass, style::Bass::Pump) {
                let root = sheet.harmony.at(bar).tones[0];
                assert_eq!((note.pitch as i32 - root).rem_euclid(12), 0, "{}", track.title);
            }
        }
        if sheet.style.colour == style::Colour::Blues {
            continue;
        }
        let scale: Vec<i32> = (0..7).map(|degree| sheet.harmony.step(degree).rem_euclid(12)).collect();
        let tunes = melody::Tunes::of(&sheet);
        for note in melody::notes(&sheet, &tunes, melody::Part::Lead, 72.0) {
            assert!(scale.contains(&(note.pitch.round() as i32).rem_euclid(12)), "{}", track.title);
        }
    }
}

#[test]
fn who_is_named_plays_and_only_songs_are_sung() {
    for track in some(61) {
        let performance = Performance::new(track);
        let sings = performance.parts.iter().any(|part| matches!(part.sound, Sound::Sung(_)));
        assert_eq!(sings, track.has_vocals, "{}", track.title);
        let drums = performance
            .parts
            .iter()
            .any(|part| matches!(part.sound, Sound::Drum(stroke) if stroke != Stroke::Boom));
        let named = track.instruments.iter().any(|name| matches!(*name, "drums" | "percussion"));
        assert!(drums || !named, "{} has no drums", track.title);
    }
}

#[test]
fn every_form_has_a_build_before_its_drop() {
    for track in catalogue::all().tracks() {
        let arrangement = Arrangement::of(track);
        let drop = arrangement.drop_bar();
        assert_eq!(arrangement.bars()[drop].section, Section::Drop, "{}", track.title);
        assert_eq!(arrangement.bars()[drop - 1].section, Section::Build, "{}", track.title);
        assert!(arrangement.last_bar() > drop + 1, "{}", track.title);
    }
}
