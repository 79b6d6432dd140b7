//! Tracks out of words and a seed.

use std::collections::HashSet;

use super::super::seed::Seed;
use super::{Energy, Groove, Key, Track};

const GENRES: &str = include_str!("../../../assets/sandbox/genres.txt");
const TITLES: &str = include_str!("../../../assets/sandbox/titles.txt");
const ARTISTS: &str = include_str!("../../../assets/sandbox/artists.txt");

/// A line of `genres.txt`.
struct Genre {
    name: &'static str,
    bpm: (u32, u32),
    energies: Vec<u32>,
    vocals: u32,
    moods: Vec<&'static str>,
    instruments: Vec<&'static str>,
    subgenres: Vec<&'static str>,
    groove: Groove,
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty())
}

fn list(text: &'static str) -> Vec<&'static str> {
    text.split(',').map(str::trim).collect()
}

impl Genre {
    fn read(line: &'static str) -> Option<Self> {
        let mut cells = line.split('|').map(str::trim);
        let name = cells.next()?;
        let (from, to) = cells.next()?.split_once('-')?;
        let energies = cells.next()?.split(',').filter_map(|share| share.parse().ok()).collect();
        let vocals = cells.next()?.parse().ok()?;
        let (moods, instruments, subgenres) = (list(cells.next()?), list(cells.next()?), list(cells.next()?));
        let groove = match cells.next()? {
            "brush" => Groove::Brush,
            "hiphop" => Groove::HipHop,
            "shuffle" => Groove::Shuffle,
            "rock" => Groove::Rock,
            "epic" => Groove::Epic,
            "house" => Groove::House,
            "funk" => Groove::Funk,
            "swing" => Groove::Swing,
            "latin" => Groove::Latin,
            "reggae" => Groove::Reggae,
            _ => Groove::None,
        };
        Some(Self {
            name,
            bpm: (from.parse().ok()?, to.parse().ok()?),
            energies,
            vocals,
            moods,
            instruments,
            subgenres,
            groove,
        })
    }
}

/// Makes `count` tracks, genres in turn.
pub(super) fn tracks(count: usize) -> Vec<Track> {
    let genres: Vec<Genre> = lines(GENRES).filter_map(Genre::read).collect();
    let titles: Vec<Vec<&str>> = lines(TITLES).map(list).collect();
    let artists: Vec<Vec<&str>> = lines(ARTISTS).map(list).collect();
    let mut seed = Seed::new(0x7261_636B_7961_7264);
    let mut taken = HashSet::new();
    (0..count)
        .map(|number| {
            let genre = &genres[number % genres.len()];
            // Every genre has artists of its own, so that names come again as in a real catalogue.
            let mut artist_seed = Seed::new((number % genres.len()) as u64 * 1000 + seed.below(16) as u64);
            let artist = artist(&mut artist_seed, &artists);
            let mut title = title(&mut seed, &titles);
            while !taken.insert(format!("{title}\n{artist}")) {
                title = self::title(&mut seed, &titles);
            }
            track(&mut seed, genre, number, title, artist)
        })
        .collect()
}

fn track(seed: &mut Seed, genre: &Genre, number: usize, title: String, artist: String) -> Track {
    let energy = weighted(seed, &genre.energies);
    // Within its genre's range, calm music is slower and wild music faster.
    let (from, to) = genre.bpm;
    let third = (to - from) / 3;
    let bpm = match energy {
        Energy::Low => seed.between(from, to - third),
        Energy::Medium => seed.between(from + third / 2, to - third / 2),
        Energy::High => seed.between(from + third, to),
    };
    let mut moods = genre.moods.clone();
    moods.retain(|mood| fits(mood, energy));
    if moods.is_empty() {
        moods.clone_from(&genre.moods);
    }
    seed.shuffle(&mut moods);
    moods.truncate(1 + seed.below(3));
    let mut instruments = genre.instruments.clone();
    seed.shuffle(&mut instruments);
    let most = if energy == Energy::Low { 3 } else { 4 };
    instruments.truncate(1 + seed.below(most));
    let rhythmic = !matches!(genre.groove, Groove::None | Groove::Brush);
    if energy == Energy::High && rhythmic && !instruments.iter().any(|name| matches!(*name, "drums" | "percussion")) {
        instruments.push(if genre.instruments.contains(&"drums") {
            "drums"
        } else {
            "percussion"
        });
    }
    let dark = moods.iter().any(|mood| {
        matches!(
            *mood,
            "Dark" | "Melancholic" | "Angry" | "Suspenseful" | "Dramatic" | "Contemplative"
        )
    });
    let bright = moods.iter().any(|mood| matches!(*mood, "Happy" | "Upbeat" | "Playful" | "Hopeful"));
    let key = Key {
        tonic: seed.below(12) as u8,
        minor: seed.chance(if dark && !bright {
            0.9
        } else if bright {
            0.15
        } else {
            0.5
        }),
    };
    let mut subgenres = genre.subgenres.clone();
    seed.shuffle(&mut subgenres);
    subgenres.truncate(1 + usize::from(seed.chance(0.25)));
    Track {
        id: id(number),
        title,
        artist,
        seconds: seed.between(92, 256) as u16,
        bpm: bpm as u16,
        key,
        genre: genre.name,
        subgenres,
        moods,
        has_vocals: seed.between(0, 99) < genre.vocals,
        energy,
        instruments,
        groove: genre.groove,
    }
}

/// Whether a mood and an energy go together.
fn fits(mood: &str, energy: Energy) -> bool {
    match mood {
        "Calm" | "Ambient" | "Dreamy" => energy == Energy::Low,
        "Chill" | "Contemplative" | "Melancholic" => energy != Energy::High,
        "Energetic" | "Angry" | "Epic" => energy != Energy::Low,
        _ => true,
    }
}

fn weighted(seed: &mut Seed, shares: &[u32]) -> Energy {
    let mut at = seed.below(shares.iter().sum::<u32>() as usize) as u32;
    for (share, energy) in shares.iter().zip([Energy::Low, Energy::Medium, Energy::High]) {
        if at < *share {
            return energy;
        }
        at -= share;
    }
    Energy::Medium
}

/// Half of the ids look like KSUIDs, the others like `trk_…`.
fn id(number: usize) -> String {
    const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut seed = Seed::of(&format!("track {number}"));
    let letters = |seed: &mut Seed, count: usize, from: &[u8]| -> String { (0..count).map(|_| char::from(*seed.pick(from))).collect() };
    if number.is_multiple_of(2) {
        format!("2{}", letters(&mut seed, 26, BASE62))
    } else {
        format!("trk_{}", letters(&mut seed, 10, &BASE62[36..]))
    }
}

fn title(seed: &mut Seed, words: &[Vec<&str>]) -> String {
    let (describing, things, places, doings) = (&words[0], &words[1], &words[2], &words[3]);
    match seed.below(7) {
        0 | 1 => format!("{} {}", seed.pick(describing), seed.pick(things)),
        2 => format!("{} {}", seed.pick(things), seed.pick(places)),
        3 => format!("{} {}", seed.pick(doings), seed.pick(places)),
        4 => format!("The {} {}", seed.pick(describing), seed.pick(things)),
        5 => format!("{} & {}", seed.pick(things), seed.pick(things)),
        _ => format!("{} the {}", seed.pick(doings), seed.pick(things)),
    }
}

fn artist(seed: &mut Seed, words: &[Vec<&str>]) -> String {
    if seed.chance(0.4) {
        (*seed.pick(&words[2])).to_owned()
    } else {
        format!("{} {}", seed.pick(&words[0]), seed.pick(&words[1]))
    }
}
