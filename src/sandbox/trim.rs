//! Which part of a track is delivered: the best-sounding segment, or the one that brings the drop to a hit point.

use super::mp3::SAMPLE_RATE;
use super::music::{Performance, Player};

/// Fades at the ends of a clip that begins or ends in the middle of the music, in seconds.
const FADE_IN: f64 = 0.03;
const FADE_OUT: f64 = 0.6;
/// Where the drop of a preview comes, in seconds.
const PREVIEW_DROP: f64 = 13.0;

/// A part of a track. It may begin before the track does, in silence, where a hit point demands it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Window {
    start: f64,
    seconds: f64,
    fades: bool,
}

impl Window {
    pub fn whole(seconds: f64) -> Self {
        Self {
            start: 0.0,
            seconds,
            fades: false,
        }
    }
}

/// The half minute with the build and the drop, beginning on a beat.
pub(super) fn preview(performance: &Performance, seconds: f64) -> Window {
    let beat = performance.phrase_seconds() / 16.0;
    let start = performance.drop_seconds() - (PREVIEW_DROP / beat).round() * beat;
    Window {
        start: start.clamp(0.0, (performance.seconds() - seconds).max(0.0)),
        seconds,
        fades: true,
    }
}

/// A clip. With a hit point the drop lands exactly there; before the track begins and after it ends there is silence.
/// Without one, the segment that begins on a phrase and has most going on, with the drop inside where it fits.
pub(super) fn clip(performance: &Performance, seconds: f64, hit_point: Option<f64>) -> Window {
    if let Some(hit_point) = hit_point {
        return Window {
            start: performance.drop_seconds() - hit_point,
            seconds,
            fades: true,
        };
    }
    let last = (performance.seconds() - seconds).max(0.0);
    let phrase = performance.phrase_seconds();
    let drop = performance.drop_seconds();
    let worth = |start: f64| {
        let has_drop = (start..start + seconds - 1.0).contains(&drop);
        performance.intensity(start, start + seconds) + if has_drop { 1.0 } else { 0.0 }
    };
    let starts = (0..).map(|number| f64::from(number) * phrase).take_while(|start| *start <= last);
    let start = starts
        .max_by(|a, b| worth(*a).total_cmp(&worth(*b)).then(b.total_cmp(a)))
        .unwrap_or(0.0);
    Window {
        start,
        seconds,
        fades: true,
    }
}

/// Plays a window from its start to its end.
pub(super) struct WindowPlayer<'a> {
    performance: &'a Performance,
    player: Player<'a>,
    window: Window,
    /// The window's first sample in the track.
    start: i64,
    at: i64,
}

impl<'a> WindowPlayer<'a> {
    pub fn new(performance: &'a Performance, window: Window) -> Self {
        let start = (window.start * f64::from(SAMPLE_RATE)).round() as i64;
        Self {
            performance,
            player: performance.player(start),
            window,
            start,
            at: 0,
        }
    }

    /// The next stereo samples, left and right in turn.
    pub fn fill(&mut self, out: &mut [f32]) {
        let rate = f64::from(SAMPLE_RATE);
        let start = self.start;
        let end = (self.performance.seconds() * rate) as i64;
        self.player.fill(out);
        for (number, frame) in out.chunks_exact_mut(2).enumerate() {
            let at = self.at + number as i64;
            let gain = self.gain(at as f64 / rate);
            let outside = !(0..end).contains(&(start + at));
            frame.iter_mut().for_each(|sample| *sample *= if outside { 0.0 } else { gain });
        }
        self.at += (out.len() / 2) as i64;
    }

    fn gain(&self, seconds: f64) -> f32 {
        if !self.window.fades {
            return 1.0;
        }
        let rise = seconds / FADE_IN;
        let fall = (self.window.seconds - seconds) / FADE_OUT;
        rise.min(fall).clamp(0.0, 1.0) as f32
    }
}
