//! A library of made-up tracks, the same at every run.

use serde_json::json;
use trackyard_tui::api::{Filters, SearchPage, SearchRequest, Track};
use trackyard_tui::library::Library;
use trackyard_tui::spend::Identity;

/// Stores so many tracks, a hundred for each ask.
pub async fn fill(library: &Library, origin: &str, size: usize) {
    let mut dice = Dice(88_172_645_463_325_252);
    for page in 0..size / 100 {
        let tracks: Vec<Track> = (0..100).map(|place| track(page * 100 + place, &mut dice)).collect();
        let (identity, request) = ask(origin, page);
        let page = SearchPage {
            skipped: 0,
            received: tracks.len(),
            tracks,
        };
        library.store_search(identity, request, page).await.unwrap();
    }
}

/// The ask that brought a page.
pub fn ask(origin: &str, page: usize) -> (Identity, SearchRequest) {
    let request = SearchRequest::new(&format!("brief {page}"), Filters::default(), 100, 0).unwrap();
    (Identity::of_search(origin, &request), request)
}

const NOUNS: [&str; 12] = [
    "Window",
    "River",
    "Lantern",
    "Harbour",
    "Orchard",
    "Signal",
    "Mirror",
    "Garden",
    "Engine",
    "Letter",
    "Winter",
    "Coffee Shop",
];
const ADJECTIVES: [&str; 10] = [
    "Rainy", "Silver", "Second", "Paper", "Slow", "Hidden", "Golden", "Last", "Electric", "Quiet",
];
const GENRES: [&str; 8] = ["Jazz", "Ambient", "Cinematic", "House", "Rock", "Hip Hop", "Pop", "Folk"];
const MOODS: [&str; 10] = [
    "Calm",
    "Chill",
    "Dark",
    "Dreamy",
    "Epic",
    "Happy",
    "Hopeful",
    "Melancholic",
    "Romantic",
    "Upbeat",
];
const INSTRUMENTS: [&str; 9] = [
    "drums",
    "bass",
    "strings",
    "synthesizer",
    "acoustic guitar",
    "electric guitar",
    "brass",
    "flute",
    "bells",
];

fn track(number: usize, dice: &mut Dice) -> Track {
    let night = if dice.below(2) == 0 { "Night " } else { "" };
    let energy = dice.of(&["low", "low", "medium", "high"]);
    let title = format!("{night}{} {} {number}", dice.of(&ADJECTIVES), dice.of(&NOUNS));
    let mut instruments = vec![dice.of(&INSTRUMENTS), dice.of(&INSTRUMENTS)];
    if dice.below(10) < 6 {
        instruments.push("piano");
    }
    Track::from_json(&json!({
        "id": format!("trk_{number:07}"), "title": title, "artist": format!("Artist {}", dice.below(5000)),
        "duration_seconds": 60 + dice.below(200), "bpm": 50 + dice.below(130), "key": "A minor", "genre": dice.of(&GENRES),
        "subgenres": [if dice.below(10) == 0 { "Lo-Fi Hip Hop" } else { "Underscore" }], "moods": [dice.of(&MOODS), dice.of(&MOODS)],
        "has_vocals": dice.below(3) == 0, "energy_level": energy, "instruments": instruments,
        "preview_url": format!("https://cdn.bench/{number}.mp3"),
    }))
    .unwrap()
}

/// Numbers that are the same at every run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }

    fn of(&mut self, words: &[&'static str]) -> &'static str {
        words[self.below(words.len())]
    }
}
