//! How far a batch is, and what is said of it at its end.

/// What became of the asks of a batch so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// How many there are.
    pub total: usize,
    /// Answered by the server, for a credit each.
    pub asked: usize,
    /// Answered by what has come here meanwhile, for nothing.
    pub free: usize,
    /// Refused by the server as they are, for nothing.
    pub refused: usize,
}

impl Tally {
    /// Of so many asks, none of which has begun.
    pub fn of(total: usize) -> Self {
        Self { total, ..Self::default() }
    }

    /// How many are over.
    pub fn done(&self) -> usize {
        self.asked + self.free + self.refused
    }

    /// How many are left.
    pub fn left(&self) -> usize {
        self.total.saturating_sub(self.done())
    }

    /// In words: `12 asked, 1 failed`.
    pub fn told(&self) -> String {
        let mut words = vec![format!("{} asked", self.asked)];
        for (number, what) in [(self.free, "here already"), (self.refused, "failed"), (self.left(), "left")] {
            if number > 0 {
                words.push(format!("{number} {what}"));
            }
        }
        words.join(", ")
    }

    /// What is told of its end to who looks elsewhere.
    pub fn ending(&self) -> String {
        let end = if self.left() == 0 { "is done" } else { "has stopped" };
        format!("the batch {end}: {}", self.told())
    }

    /// How many of how many are over: `3 of 12 briefs`.
    pub fn progress(&self) -> String {
        let plural = if self.total == 1 { "" } else { "s" };
        format!("{} of {} brief{plural}", self.done(), self.total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_told_in_a_few_words() {
        let all = Tally {
            total: 13,
            asked: 12,
            refused: 1,
            ..Tally::default()
        };
        assert_eq!(all.ending(), "the batch is done: 12 asked, 1 failed");
        let some = Tally {
            total: 5,
            asked: 2,
            free: 1,
            ..Tally::default()
        };
        assert_eq!(some.ending(), "the batch has stopped: 2 asked, 1 here already, 2 left");
        assert_eq!(
            (some.progress(), Tally::of(1).progress()),
            ("3 of 5 briefs".into(), "0 of 1 brief".into())
        );
    }
}
