//! Even loudness: what a preview is raised or lowered by, how that changes without being noticed, and how it never clips.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rtrb::Consumer;

use super::source::CHANNELS;

/// Every preview is brought to this integrated loudness, in LUFS: the target of EBU R128. Nearly all music is lowered by that, so its
/// peaks stay what they are.
const EVEN_LUFS: f32 = -23.0;

/// What a preview nobody has listened to is taken for, in LUFS.
const ASSUMED_LUFS: f32 = -14.0;
/// Nothing is raised by more, in dB: what is quieter still is meant to be, or is noise.
const MOST_UP: f32 = 20.0;
const MOST_DOWN: f32 = -30.0;
/// What is raised stays below this, about -1 dBFS, so that the waveform between its samples does not clip either.
const CEILING: f32 = 0.89;
/// How fast the gain glides, in dB a second.
const GLIDE: f32 = 12.0;
/// How fast it comes back after a peak that was held down, in dB a second.
const RELEASE: f32 = 60.0;
/// Frames that are looked at together: 3 ms. The gain moves in a straight line over as many.
const BLOCK: usize = 128;

/// The loudness, in LUFS, that a preview of this loudness is heard with when loudness is evened: -23, but for the very quiet and the very loud.
pub fn evened(loudness: f32) -> f32 {
    loudness + evening(Some(loudness))
}

/// What brings this loudness, in LUFS, to [`EVEN_LUFS`], in dB. `None`: nobody has listened yet.
pub(super) fn evening(loudness: Option<f32>) -> f32 {
    (EVEN_LUFS - loudness.unwrap_or(ASSUMED_LUFS)).clamp(MOST_DOWN, MOST_UP)
}

/// The gain in dB that the voices of a track go for.
#[derive(Clone)]
pub(super) struct Trim(Arc<AtomicU32>);

impl Trim {
    pub(super) fn new(decibels: f32) -> Self {
        Self(Arc::new(AtomicU32::new(decibels.to_bits())))
    }

    pub(super) fn set(&self, decibels: f32) {
        self.0.store(decibels.to_bits(), Ordering::Relaxed);
    }

    fn get(&self) -> f32 {
        f32::from_bits(self.0.load(Ordering::Relaxed))
    }
}

/// Follows a [`Trim`], and holds peaks down that it would make clip. It sees them coming, since it looks into the ring.
pub(super) struct Leveller {
    trim: Trim,
    /// What the gain glides from one block to the next at most, as a factor.
    glide: f32,
    release: f32,
    /// The gain that the trim has come to; `None` before the first frame, which begins where the trim is.
    wanted: Option<f32>,
    /// The gain of the next frame.
    gain: f32,
    /// How much it changes with each frame of the block.
    slope: f32,
    left: usize,
}

impl Leveller {
    pub(super) fn new(trim: Trim, rate: u32) -> Self {
        let block_seconds = BLOCK as f32 / rate as f32;
        Self {
            trim,
            glide: amplitude(GLIDE * block_seconds),
            release: amplitude(RELEASE * block_seconds),
            wanted: None,
            gain: 1.0,
            slope: 0.0,
            left: 0,
        }
    }

    /// What the frame is multiplied by that is taken out of the ring next.
    pub(super) fn next(&mut self, ring: &mut Consumer<f32>) -> f32 {
        if self.left == 0 {
            self.begin_block(ring);
        }
        self.left -= 1;
        self.gain += self.slope;
        self.gain
    }

    fn begin_block(&mut self, ring: &mut Consumer<f32>) {
        self.left = BLOCK;
        let target = amplitude(self.trim.get());
        let first = self.wanted.is_none();
        let wanted = match self.wanted {
            None => target,
            Some(before) => target.clamp(before / self.glide, before * self.glide),
        };
        self.wanted = Some(wanted);
        if wanted <= 1.0 && self.gain <= 1.0 {
            // What is not raised cannot clip, and does not have to be looked at.
            if first {
                self.gain = wanted;
            }
            self.slope = (wanted.min(self.gain * self.release) - self.gain) / BLOCK as f32;
            return;
        }
        let ceiling = (1.0 / wanted).clamp(CEILING, 1.0);
        let (now, then) = peaks(ring);
        let allowed = |peak: f32| if peak > 0.0 { ceiling / peak } else { f32::MAX };
        if first {
            self.gain = wanted.min(allowed(now));
        }
        // Neither this block nor the beginning of the next one may clip; the line between the two does not either.
        let end = wanted.min(allowed(now)).min(allowed(then)).min(self.gain * self.release);
        self.slope = (end - self.gain) / BLOCK as f32;
    }
}

/// The loudest samples of the next two blocks in the ring.
fn peaks(ring: &mut Consumer<f32>) -> (f32, f32) {
    const SAMPLES: usize = BLOCK * CHANNELS;
    let count = ring.slots().min(2 * SAMPLES);
    let Ok(chunk) = ring.read_chunk(count) else {
        return (0.0, 0.0);
    };
    // Looked at, not taken out.
    let (front, back) = chunk.as_slices();
    let mut peaks = (0.0_f32, 0.0_f32);
    for (at, sample) in front.iter().chain(back).enumerate() {
        let peak = if at < SAMPLES { &mut peaks.0 } else { &mut peaks.1 };
        *peak = peak.max(sample.abs());
    }
    peaks
}

/// Decibels as a factor.
fn amplitude(decibels: f32) -> f32 {
    10.0_f32.powf(decibels / 20.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 44_100;

    /// What comes out for these frames, the same on both sides.
    fn through(leveller: &mut Leveller, frames: &[f32]) -> Vec<f32> {
        let (mut producer, mut consumer) = rtrb::RingBuffer::new(frames.len() * CHANNELS);
        frames
            .iter()
            .for_each(|sample| (0..CHANNELS).for_each(|_| producer.push(*sample).unwrap()));
        frames
            .iter()
            .map(|_| {
                let gain = leveller.next(&mut consumer);
                let left = consumer.pop().unwrap();
                consumer.pop().unwrap();
                left * gain
            })
            .collect()
    }

    fn tone(level: f32, seconds: f32) -> Vec<f32> {
        (0..(seconds * RATE as f32) as usize)
            .map(|at| level * (at as f32 * 0.11).sin())
            .collect()
    }

    #[test]
    fn loudness_is_brought_to_the_same_within_reason() {
        assert!((evening(Some(-8.0)) + 15.0).abs() < 1e-6);
        assert!((evening(Some(-28.0)) - 5.0).abs() < 1e-6);
        assert!((evening(None) + 9.0).abs() < 1e-6);
        assert!((evening(Some(-70.0)) - MOST_UP).abs() < 1e-6);
    }

    #[test]
    fn a_known_gain_holds_from_the_first_frame_and_another_one_is_glided_to() {
        let trim = Trim::new(-6.0);
        let mut leveller = Leveller::new(trim.clone(), RATE);
        let steady = through(&mut leveller, &vec![0.5; 4_000]);
        assert!(steady.iter().all(|sample| (sample - 0.5 * amplitude(-6.0)).abs() < 1e-4));
        trim.set(-12.0);
        let gliding = through(&mut leveller, &vec![0.5; RATE as usize]);
        let step = gliding.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        assert!(step < 1e-4, "{step}");
        let half = gliding[RATE as usize / 4];
        assert!((half / 0.5 - amplitude(-9.0)).abs() < 0.01, "12 dB a second: {half}");
        assert!((gliding.last().unwrap() / 0.5 - amplitude(-12.0)).abs() < 1e-3);
    }

    #[test]
    fn what_is_raised_never_clips_and_keeps_its_loudness_between_peaks() {
        let mut leveller = Leveller::new(Trim::new(15.0), RATE);
        let mut frames = tone(0.05, 2.0);
        for at in (10_000..80_000).step_by(20_000) {
            frames[at] = 0.95;
            frames[at + 1] = -0.95;
        }
        let out = through(&mut leveller, &frames);
        let loudest = out.iter().fold(0.0_f32, |most, sample| most.max(sample.abs()));
        assert!(loudest <= CEILING + 1e-4, "{loudest}");
        let between: f32 = out[18_000..28_000].iter().fold(0.0_f32, |most, sample| most.max(sample.abs()));
        assert!((between - 0.05 * amplitude(15.0)).abs() < 0.005, "{between}");
    }

    #[test]
    fn loud_music_that_is_left_alone_is_left_alone() {
        let mut leveller = Leveller::new(Trim::new(0.0), RATE);
        let frames = tone(1.0, 0.5);
        assert_eq!(through(&mut leveller, &frames), frames);
    }
}
