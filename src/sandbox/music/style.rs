//! What a genre plays like: its beat, its bass, its chords, its room. Where a subgenre has a beat of its own, that.

use super::super::catalogue::{Energy, Groove, Track};

/// How the drums play.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beat {
    None,
    Brush,
    BoomBap,
    Trap,
    Slow,
    Shuffle,
    Rock,
    Punk,
    Metal,
    March,
    Epic,
    House,
    Disco,
    Electro,
    Broken,
    Funk,
    Motown,
    Swing,
    Bossa,
    Salsa,
    Reggaeton,
    Afro,
    OneDrop,
    Ska,
}

/// How the bass plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bass {
    /// The root, held.
    Long,
    /// Root and fifth, on one and three.
    Two,
    Eighths,
    /// With the kick.
    Kick,
    Walking,
    /// Between the beats.
    Pump,
    Octaves,
    Sixteenths,
    Funk,
    Tumbao,
    Riddim,
}

/// How chords are coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colour {
    Triads,
    Sevenths,
    Ninths,
    Open,
    Power,
    Blues,
}

/// Which notes come late.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Swing {
    Straight,
    /// The second eighth of each beat, by so many beats.
    Eighths(f64),
    /// The second sixteenth of each eighth, by so many beats.
    Sixteenths(f64),
}

/// What a track is played like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Style {
    pub(super) beat: Beat,
    pub(super) bass: Bass,
    pub(super) colour: Colour,
    pub(super) swing: Swing,
    /// Made by machines, to the sample.
    pub(super) electronic: bool,
    /// Seconds until the room is silent, and how much of it there is, 0 to 1.
    pub(super) room: (f32, f32),
    /// How far the kick pushes the others down, 0 to 1.
    pub(super) pump: f32,
}

impl Style {
    pub(super) fn of(track: &Track) -> Self {
        let beat = beat(track);
        let electronic = matches!(
            track.genre,
            "Dance"
                | "Electronic"
                | "Electronica"
                | "House"
                | "Hip Hop"
                | "Beats"
                | "Downtempo"
                | "R&B"
                | "Ambient"
                | "Experimental"
                | "Disco"
        );
        let colour = match track.genre {
            "Jazz" | "Easy Listening" | "Soul" => Colour::Sevenths,
            "Hip Hop" | "Beats" | "R&B" | "Downtempo" | "House" | "Latin" => Colour::Ninths,
            "Funk" => Colour::Sevenths,
            "Ambient" | "Electronica" | "Acoustic" => Colour::Open,
            "Metal" | "Punk" => Colour::Power,
            "Blues" => Colour::Blues,
            _ => Colour::Triads,
        };
        let swing = match beat {
            Beat::Swing => Swing::Eighths(if track.bpm > 140 { 0.1 } else { 0.15 }),
            Beat::Shuffle => Swing::Eighths(0.165),
            Beat::BoomBap | Beat::Slow => Swing::Sixteenths(0.055),
            Beat::House | Beat::Funk => Swing::Sixteenths(0.025),
            Beat::OneDrop => Swing::Sixteenths(0.04),
            Beat::Brush if matches!(track.genre, "Comedy" | "Children's Music") => Swing::Eighths(0.14),
            _ => Swing::Straight,
        };
        let room = match track.genre {
            "Ambient" => (5.5, 0.55),
            "Cinematic" | "Classical" | "Fanfares" | "Experimental" | "Religious Music" => (2.8, 0.36),
            "Brass & Marching Band" | "Special Occasions" | "World" | "Folk" => (1.9, 0.26),
            "Punk" | "Funk" | "Metal" | "Hip Hop" | "Beats" => (0.9, 0.13),
            "Dance" | "House" | "Electronic" | "Electronica" | "Downtempo" => (1.8, 0.24),
            _ => (1.4, 0.2),
        };
        let pump = match beat {
            Beat::House | Beat::Electro => 0.55,
            Beat::Disco | Beat::Broken => 0.3,
            _ => 0.0,
        };
        Self {
            beat,
            bass: bass(track, beat),
            colour,
            swing,
            electronic,
            room,
            pump,
        }
    }
}

fn beat(track: &Track) -> Beat {
    let named = track.subgenres.iter().find_map(|name| {
        Some(match *name {
            "Reggaeton" => Beat::Reggaeton,
            "Trap Beats" => Beat::Trap,
            "Bossa Nova" | "Bossa Lounge" => Beat::Bossa,
            "Salsa" => Beat::Salsa,
            "Afrobeat" => Beat::Afro,
            "Ska" => Beat::Ska,
            "Motown" | "Northern Soul" => Beat::Motown,
            "Ballad" | "Slow Blues" | "Doom" => Beat::Slow,
            "Bluegrass" => Beat::Motown,
            "Electro" | "Synthwave" | "Electropop" => Beat::Electro,
            "IDM" | "Glitch" => Beat::Broken,
            _ => return None,
        })
    });
    if let Some(beat) = named {
        return beat;
    }
    match (track.genre, track.groove) {
        ("Metal", _) => Beat::Metal,
        ("Punk", _) => Beat::Punk,
        ("Brass & Marching Band", _) => Beat::March,
        ("Disco", _) => Beat::Disco,
        ("Downtempo" | "R&B", _) => Beat::Slow,
        ("Electronic", _) => Beat::Electro,
        (_, Groove::None) => Beat::None,
        (_, Groove::Brush) => Beat::Brush,
        (_, Groove::HipHop) => Beat::BoomBap,
        (_, Groove::Shuffle) => Beat::Shuffle,
        (_, Groove::Rock) => Beat::Rock,
        (_, Groove::Epic) => Beat::Epic,
        (_, Groove::House) => Beat::House,
        (_, Groove::Funk) => Beat::Funk,
        (_, Groove::Swing) => Beat::Swing,
        (_, Groove::Latin) => Beat::Salsa,
        (_, Groove::Reggae) => Beat::OneDrop,
    }
}

fn bass(track: &Track, beat: Beat) -> Bass {
    match beat {
        Beat::None => Bass::Long,
        Beat::Brush | Beat::March => Bass::Two,
        Beat::BoomBap | Beat::Trap | Beat::Slow | Beat::Broken | Beat::Reggaeton => Bass::Kick,
        Beat::Shuffle | Beat::Swing | Beat::Motown | Beat::Ska => Bass::Walking,
        Beat::Rock | Beat::Punk | Beat::Metal => Bass::Eighths,
        Beat::Epic => {
            if track.energy == Energy::Low {
                Bass::Long
            } else {
                Bass::Eighths
            }
        }
        Beat::House => Bass::Pump,
        Beat::Disco => Bass::Octaves,
        Beat::Electro => Bass::Sixteenths,
        Beat::Funk | Beat::Afro => Bass::Funk,
        Beat::Bossa | Beat::Salsa => Bass::Tumbao,
        Beat::OneDrop => Bass::Riddim,
    }
}
