//! The music can be heard to be what its fields say.

use serde_json::{Value, json};

use super::listen::{Sound, is_frames};
use super::{Rig, text};

#[tokio::test]
async fn previews_are_clean_stereo_that_never_clips() {
    let rig = Rig::roomy().await;
    for query in ["calm piano", "loud metal", "orchestral trailer", "folk song with vocals", "techno"] {
        let track = rig.tracks(query, 1, json!({})).await.remove(0);
        let mp3 = rig.preview(&track).await;
        assert!(is_frames(&mp3), "{track}");
        let sound = Sound::of(&mp3);
        assert_eq!(sound.rate, 48_000.0);
        assert!((sound.seconds() - 30.0).abs() < 0.05, "{}", sound.seconds());
        assert!(sound.loudest_sample() < 1.0, "{query}: {}", sound.loudest_sample());
        assert!(sound.rms() > 0.01, "{query}: {}", sound.rms());
        let sides = sound
            .stereo
            .chunks_exact(2)
            .map(|frame| f64::from((frame[0] - frame[1]).abs()))
            .sum::<f64>();
        assert!(sides > 1.0, "{query} is in the middle only");
    }
}

#[tokio::test]
async fn a_track_always_sounds_the_same_and_never_like_another() {
    let (one, two) = (Rig::roomy().await, Rig::roomy().await);
    // Alike in everything that can be asked for.
    let filters = json!({"genres": ["House"], "energy_level": "high", "has_vocals": false});
    let tracks = one.tracks("house", 6, filters).await;
    assert_eq!(tracks.len(), 6);
    let mut sounds = Vec::new();
    for track in &tracks {
        let mp3 = one.preview(track).await;
        let path = text(track, "preview_url").strip_prefix(one.sandbox.preview_origin()).unwrap();
        let elsewhere = two
            .http
            .get(format!("{}{path}", two.sandbox.preview_origin()))
            .send()
            .await
            .unwrap();
        assert!(mp3 == elsewhere.bytes().await.unwrap());
        sounds.push(Sound::of(&mp3));
    }
    for (number, a) in sounds.iter().enumerate() {
        for b in &sounds[number + 1..] {
            let product = a.mono.iter().zip(&b.mono).map(|(a, b)| f64::from(a * b)).sum::<f64>() / a.mono.len() as f64;
            let alike = product / (a.rms() * b.rms());
            assert!(alike.abs() < 0.5, "{alike}");
        }
    }
}

#[tokio::test]
async fn the_tempo_can_be_heard() {
    let rig = Rig::roomy().await;
    for (low, high) in [(80, 95), (96, 112), (118, 128), (130, 150)] {
        let filters = json!({"instruments": ["drums"], "energy_level": "high", "min_bpm": low, "max_bpm": high, "has_vocals": false});
        for track in rig.tracks("drums", 2, filters).await {
            let bpm = track["bpm"].as_f64().unwrap();
            let heard = Sound::of(&rig.preview(&track).await).tempo_near(bpm);
            assert!((heard / bpm - 1.0).abs() < 0.02, "{heard} in {track}");
        }
    }
}

/// The share of what is heard that belongs to the scale a key names.
fn in_key(track: &Value, sound: &Sound) -> f64 {
    const NAMES: [(&str, usize); 17] = [
        ("C", 0),
        ("C#", 1),
        ("Db", 1),
        ("D", 2),
        ("D#", 3),
        ("Eb", 3),
        ("E", 4),
        ("F", 5),
        ("F#", 6),
        ("Gb", 6),
        ("G", 7),
        ("G#", 8),
        ("Ab", 8),
        ("A", 9),
        ("A#", 10),
        ("Bb", 10),
        ("B", 11),
    ];
    let (root, mode) = text(track, "key").split_once(' ').unwrap();
    let root = NAMES.iter().find(|(name, _)| *name == root).unwrap().1;
    let steps = if mode == "minor" {
        [0, 2, 3, 5, 7, 8, 10]
    } else {
        [0, 2, 4, 5, 7, 9, 11]
    };
    let classes = sound.pitch_classes();
    steps.iter().map(|step| classes[(root + step) % 12]).sum::<f64>() / classes.iter().sum::<f64>()
}

#[tokio::test]
async fn the_key_can_be_heard() {
    let rig = Rig::roomy().await;
    for query in ["calm piano", "strings", "acoustic guitar", "dark ambient"] {
        let filters = json!({"energy_level": "low", "has_vocals": false});
        for track in rig.tracks(query, 2, filters).await {
            let share = in_key(&track, &Sound::of(&rig.preview(&track).await));
            assert!(share > 0.85, "{share:.2} in {track}");
        }
    }
}

#[tokio::test]
async fn high_energy_is_louder_than_low() {
    let rig = Rig::roomy().await;
    let mut loudness = Vec::new();
    for level in ["low", "medium", "high"] {
        let mut sum = 0.0;
        for genre in ["Electronic", "Jazz", "Rock", "Cinematic"] {
            let track = rig
                .tracks("music", 1, json!({"genres": [genre], "energy_level": level}))
                .await
                .remove(0);
            sum += Sound::of(&rig.preview(&track).await).rms();
        }
        loudness.push(sum / 4.0);
    }
    assert!(
        loudness[0] * 1.3 < loudness[2] && loudness[0] < loudness[1] && loudness[1] < loudness[2],
        "{loudness:?}"
    );
}

#[tokio::test]
async fn the_preview_holds_the_drop() {
    let rig = Rig::roomy().await;
    for query in ["techno", "calm piano", "rock"] {
        let track = rig.tracks(query, 1, json!({})).await.remove(0);
        let full = Sound::of(&rig.mp3(&json!({"track_id": track["id"]})).await);
        let length = track["duration_seconds"].as_f64().unwrap();
        assert!((full.seconds() - length).abs() < 0.05, "{} of {track}", full.seconds());
        assert!(full.loudest_sample() < 1.0);
        // The loudest moment is neither at the very start nor at the very end.
        let peak = full.peak_seconds();
        assert!((length * 0.2..length * 0.95).contains(&peak), "{peak} in {track}");
        let preview = Sound::of(&rig.preview(&track).await);
        let loudest = |sound: &Sound, at: f64| {
            let from = ((at - 0.25).max(0.0) * sound.rate) as usize;
            let part = &sound.mono[from..(from + (sound.rate / 2.0) as usize).min(sound.mono.len())];
            (part.iter().map(|sample| f64::from(sample * sample)).sum::<f64>() / part.len() as f64).sqrt()
        };
        let (here, there) = (loudest(&preview, preview.peak_seconds()), loudest(&full, peak));
        assert!(here > there * 0.9, "{here} against {there} in {track}");
    }
}

#[tokio::test]
async fn a_track_begins_softly_and_its_drop_is_louder_than_its_build() {
    let rig = Rig::roomy().await;
    for genre in ["House", "Rock", "Jazz", "Hip Hop", "Cinematic", "Folk", "Reggae", "Metal"] {
        let track = rig.tracks("music", 1, json!({"genres": [genre]})).await.remove(0);
        let full = Sound::of(&rig.mp3(&json!({"track_id": track["id"]})).await);
        let drop = full.peak_seconds() - 0.25;
        let phrase = 16.0 * 60.0 / track["bpm"].as_f64().unwrap();
        let (intro, build, dropped) = (
            full.rms_between(0.0, phrase),
            full.rms_between(drop - phrase, drop - 0.3),
            full.rms_between(drop, drop + phrase),
        );
        assert!(intro * 1.4 < dropped, "{genre}: {intro} {dropped}");
        assert!(build < dropped, "{genre}: {build} {dropped}");
    }
}

#[tokio::test]
async fn lows_middle_and_highs_are_all_there() {
    let rig = Rig::roomy().await;
    for query in ["pop song", "techno", "acoustic guitar", "orchestral trailer"] {
        let track = rig.tracks(query, 1, json!({"energy_level": "medium"})).await.remove(0);
        let sound = Sound::of(&rig.preview(&track).await);
        // Bass, middle and highs each have at least a thousandth of the power.
        let total = sound.rms();
        for (low, high) in [(50.0, 250.0), (250.0, 2000.0), (2000.0, 6000.0)] {
            let band = sound.rms_of_band(low, high);
            assert!(band > total * 0.03, "{query}: {band} of {total} from {low} to {high} Hz");
        }
    }
}
