//! The desk: a strip for each part, a room, an echo, and a limiter at the end.

use std::f32::consts::{FRAC_PI_4, TAU};

use super::super::mp3::SAMPLE_RATE;
use super::voices::{CHUNK, Chunk, Filter};

const RATE: f32 = SAMPLE_RATE as f32;

/// What a part goes through before it is mixed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Insert {
    None,
    /// An amplifier driven so hard, and its cabinet.
    Amplifier(f32),
    /// To and fro between the sides, so often a second.
    Rotary(f32),
    /// Mouths saying ah.
    Choir,
}

/// How a part is mixed. Sends are 0 to 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Strip {
    pub(super) gain: f32,
    /// −1 left to 1 right.
    pub(super) pan: f32,
    pub(super) room: f32,
    pub(super) echo: f32,
    /// How far the kick pushes it down, 0 to 1.
    pub(super) duck: f32,
    pub(super) insert: Insert,
}

/// A strip at work.
#[derive(Debug)]
pub(super) struct Lane {
    strip: Strip,
    left: f32,
    right: f32,
    filters: [Filter; 6],
}

impl Lane {
    pub(super) fn new(strip: Strip) -> Self {
        let angle = (strip.pan.clamp(-1.0, 1.0) + 1.0) * FRAC_PI_4;
        let mut filters = [Filter::default(); 6];
        match strip.insert {
            Insert::Amplifier(_) => {
                for side in 0..2 {
                    filters[side].tune(90.0, 1.2);
                    filters[side + 2].tune(4600.0, 1.1);
                }
            }
            Insert::Choir => {
                for side in 0..2 {
                    filters[side].tune(700.0, 0.25);
                    filters[side + 2].tune(1150.0, 0.18);
                    filters[side + 4].tune(2800.0, 0.12);
                }
            }
            Insert::None | Insert::Rotary(_) => {}
        }
        // Equal power, and 1 in the middle.
        let root = std::f32::consts::SQRT_2;
        Self {
            strip,
            left: angle.cos() * root * strip.gain,
            right: angle.sin() * root * strip.gain,
            filters,
        }
    }

    /// Adds a chunk to the mix. `pushed` is how hard the kick pushes at its beginning and its end.
    pub(super) fn mix(&mut self, chunk: &mut Chunk, from: i64, pushed: (f32, f32), desk: &mut Sums) {
        self.insert(chunk, from);
        let (mut gain, end) = (1.0 - self.strip.duck * pushed.0, 1.0 - self.strip.duck * pushed.1);
        let slope = (end - gain) / CHUNK as f32;
        let (room, echo) = (self.strip.room, self.strip.echo);
        for at in 0..CHUNK {
            let (left, right) = (chunk.left[at] * self.left * gain, chunk.right[at] * self.right * gain);
            gain += slope;
            desk.dry.left[at] += left;
            desk.dry.right[at] += right;
            desk.room.left[at] += left * room;
            desk.room.right[at] += right * room;
            desk.echo[at] += (left + right) * echo;
        }
    }

    fn insert(&mut self, chunk: &mut Chunk, from: i64) {
        match self.strip.insert {
            Insert::None => {}
            Insert::Amplifier(drive) => {
                let [cut_left, cut_right, low_left, low_right, ..] = &mut self.filters;
                for (left, right) in chunk.frames() {
                    *left = amplify(*left, drive, cut_left, low_left);
                    *right = amplify(*right, drive, cut_right, low_right);
                }
            }
            Insert::Rotary(hertz) => {
                let turn = |at: i64| (TAU * hertz * (at as f32 / RATE).fract().max(0.0)).sin();
                let (mut side, end) = (turn(from), turn(from + CHUNK as i64));
                // Whole turns a second, so that a second's end meets the next one's beginning.
                let slope = (end - side) / CHUNK as f32;
                for (left, right) in chunk.frames() {
                    *left *= 1.0 + 0.28 * side;
                    *right *= 1.0 - 0.28 * side;
                    side += slope;
                }
            }
            Insert::Choir => {
                let [one_left, one_right, two_left, two_right, three_left, three_right] = &mut self.filters;
                for (left, right) in chunk.frames() {
                    *left = 0.15 * *left + one_left.next(*left).1 + 0.7 * two_left.next(*left).1 + 0.35 * three_left.next(*left).1;
                    *right = 0.15 * *right + one_right.next(*right).1 + 0.7 * two_right.next(*right).1 + 0.35 * three_right.next(*right).1;
                }
            }
        }
    }
}

fn amplify(sample: f32, drive: f32, cut: &mut Filter, cabinet: &mut Filter) -> f32 {
    let (lows, band) = cut.next(sample);
    let pushed = (sample - lows - 0.3 * band) * drive;
    // The curve of a valve: x / √(1 + x²), a little off the middle.
    let bent = (pushed + 0.12) / (1.0 + (pushed + 0.12).powi(2)).sqrt() - 0.119;
    cabinet.next(bent).0
}

/// What the strips add up to.
#[derive(Debug)]
pub(super) struct Sums {
    pub(super) dry: Chunk,
    pub(super) room: Chunk,
    pub(super) echo: [f32; CHUNK],
}

impl Sums {
    pub(super) const SILENT: Self = Self {
        dry: Chunk::SILENT,
        room: Chunk::SILENT,
        echo: [0.0; CHUNK],
    };
}

const LINES: usize = 8;
/// Lengths in samples that have no common measure.
const LENGTHS: [usize; LINES] = [1433, 1601, 1867, 2053, 2251, 2399, 2617, 2797];

/// A room: eight echoes that feed each other.
#[derive(Debug)]
pub(super) struct Room {
    lines: [Vec<f32>; LINES],
    places: [usize; LINES],
    keep: [f32; LINES],
    dull: [f32; LINES],
    damping: f32,
}

impl Room {
    /// `seconds`: until it is a thousand times weaker. `damping`: how much it swallows the highs, 0 to 1.
    pub(super) fn new(seconds: f32, damping: f32) -> Self {
        Self {
            lines: LENGTHS.map(|length| vec![0.0; length]),
            places: [0; LINES],
            keep: LENGTHS.map(|length| 10f32.powf(-3.0 * length as f32 / RATE / seconds)),
            dull: [0.0; LINES],
            damping,
        }
    }

    /// Adds what the room answers.
    pub(super) fn answer(&mut self, asked: &Chunk, out: &mut Chunk) {
        for at in 0..CHUNK {
            let mut heard = [0.0; LINES];
            for (line, heard) in heard.iter_mut().enumerate() {
                let read = self.lines[line][self.places[line]];
                self.dull[line] += (1.0 - self.damping) * (read - self.dull[line]);
                *heard = self.dull[line] * self.keep[line];
            }
            let shared = heard.iter().sum::<f32>() * 2.0 / LINES as f32;
            for (line, heard) in heard.iter().enumerate() {
                let asked = if line % 2 == 0 { asked.left[at] } else { asked.right[at] };
                let place = &mut self.places[line];
                self.lines[line][*place] = asked + heard - shared;
                *place += 1;
                if *place == LENGTHS[line] {
                    *place = 0;
                }
            }
            out.left[at] += 0.35 * (heard[0] - heard[2] + heard[4] - heard[6]);
            out.right[at] += 0.35 * (heard[1] - heard[3] + heard[5] - heard[7]);
        }
    }
}

/// An echo that goes from side to side.
#[derive(Debug)]
pub(super) struct Echo {
    left: Vec<f32>,
    right: Vec<f32>,
    place: usize,
    dull: f32,
}

impl Echo {
    pub(super) fn new(seconds: f64) -> Self {
        let length = ((seconds * f64::from(SAMPLE_RATE)) as usize).max(CHUNK);
        Self {
            left: vec![0.0; length],
            right: vec![0.0; length],
            place: 0,
            dull: 0.0,
        }
    }

    pub(super) fn answer(&mut self, asked: &[f32; CHUNK], out: &mut Chunk) {
        for (at, asked) in asked.iter().enumerate() {
            let (left, right) = (self.left[self.place], self.right[self.place]);
            self.dull += 0.35 * (right - self.dull);
            self.left[self.place] = asked * 0.5 + self.dull * 0.38;
            self.right[self.place] = left;
            self.place += 1;
            if self.place == self.left.len() {
                self.place = 0;
            }
            out.left[at] += left;
            out.right[at] += right;
        }
    }
}

/// Keeps the peaks below full scale. It hears a chunk before it plays it, so its gain is down when the peak comes.
#[derive(Debug)]
pub(super) struct Limiter {
    waiting: Chunk,
    gain: f32,
}

impl Limiter {
    /// Below full scale, since an encoder adds a little of its own.
    const CEILING: f32 = 0.84;
    /// What the gain gains back in a chunk: it has recovered by two thirds after 0.12 s.
    const RECOVERY: f32 = 0.011;

    pub(super) fn new() -> Self {
        Self {
            waiting: Chunk::SILENT,
            gain: 1.0,
        }
    }

    /// Takes a chunk and gives the one before.
    #[expect(clippy::large_types_passed_by_value, reason = "it is kept until the next one comes")]
    pub(super) fn pass(&mut self, next: Chunk) -> Chunk {
        let most = |chunk: &Chunk| {
            chunk
                .left
                .iter()
                .chain(&chunk.right)
                .fold(0.0f32, |most, sample| most.max(sample.abs()))
        };
        let room = |chunk: &Chunk| Self::CEILING / most(chunk).max(Self::CEILING);
        let wanted = room(&self.waiting).min(room(&next));
        let end = wanted.min(self.gain + (1.0 - self.gain) * Self::RECOVERY);
        let slope = (end - self.gain) / CHUNK as f32;
        let mut gain = self.gain;
        let mut out = std::mem::replace(&mut self.waiting, next);
        for (left, right) in out.frames() {
            *left *= gain;
            *right *= gain;
            gain += slope;
        }
        self.gain = end;
        out
    }
}
