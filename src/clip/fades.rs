//! How a clip begins and ends.

/// The longest fade in, in seconds: long enough not to click, short enough for the attack to stay.
const SHORT: f64 = 0.05;

/// Fades at both ends of a clip.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Fades {
    /// Seconds from silence to full loudness.
    pub rise: f64,
    /// Seconds from full loudness to silence.
    pub fall: f64,
}

impl Fades {
    /// None: the cut is hard.
    pub const NONE: Self = Self { rise: 0.0, fall: 0.0 };

    /// Out over so many seconds, and in over as many, at most 0.05.
    pub fn out_over(seconds: f64) -> Self {
        Self {
            rise: seconds.clamp(0.0, SHORT),
            fall: seconds.max(0.0),
        }
    }

    /// The factor, 0 to 1, for what sounds `at` seconds after the beginning of a clip of so many seconds.
    pub fn factor(self, at: f64, seconds: f64) -> f64 {
        let share = |left: f64, length: f64| if length > 0.0 { (left / length).clamp(0.0, 1.0) } else { 1.0 };
        share(at, self.rise).min(share(seconds - at, self.fall))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silent_at_the_ends_and_full_between() {
        let fades = Fades::out_over(2.0);
        let at = |seconds| fades.factor(seconds, 30.0);
        assert!(at(0.0).abs() < 1e-9 && at(30.0).abs() < 1e-9 && (at(29.0) - 0.5).abs() < 1e-9);
        assert!((at(0.05) - 1.0).abs() < 1e-9 && (at(15.0) - 1.0).abs() < 1e-9);
        assert!((Fades::NONE.factor(0.0, 30.0) - 1.0).abs() < 1e-9);
    }
}
