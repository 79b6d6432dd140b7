//! Whether it is flat: what was held around the middle beside what is held at the end.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::run::Plan;
use crate::user::CACHE_MB;
use crate::watch::{KEPT_CONNECTIONS, Sample, sum};

/// What the databases may take beyond what their new rows account for, in megabytes: pages are filled by halves, and an index is tidied up
/// now and then.
const UNACCOUNTED_MB: f64 = 0.3;
/// SQLite takes a log over at 1,000 pages of 4 kB; what one transaction writes comes on top, for each of two databases.
const LOGS_MB: f64 = 2.0 * 8.0;

/// What something may grow by: the larger of the two.
#[derive(Debug, Clone, Copy)]
pub struct Growth {
    pub megabytes: f64,
    /// Of what it was.
    pub share: f64,
}

impl Growth {
    fn most(self, before: f64) -> f64 {
        self.megabytes.max(self.share * before)
    }
}

/// Prints how memory went, and gives what has grown. `middle` is the sample from which on nothing new was asked.
pub fn decide(plan: &Plan, samples: &[Sample], middle: usize) -> Vec<String> {
    let (half, end) = (&samples[middle], &samples[samples.len() - 1]);
    let between = |from: Duration, to: Duration| {
        let within = samples.iter().filter(|sample| sample.at >= from && sample.at <= to);
        median(within.map(|sample| sample.resident).collect())
    };
    // The first half is warm-up; of what is left, its end is compared with the end.
    let before = between(half.at / 2, half.at);
    let after = between((half.at + end.at) / 2, end.at);
    let most = plan.memory.most(before);
    println!("\nMemory: {before:.1} MB in the second quarter, {after:.1} MB in the last, medians; at most {most:.1} MB more");
    if samples.len() - middle > 2 {
        let slope = slope(&samples[middle..]);
        println!("A line through the second half rises by {slope:+.1} MB an hour");
    }
    let mut missed = Vec::new();
    if after - before > most {
        missed.push(format!("memory grew by {:.1} MB, at most: {most:.1}", after - before));
    }
    for (what, then, now) in [("threads", &half.threads, &end.threads), ("handles", &half.handles, &end.handles)] {
        if sum(now) > sum(then) {
            missed.push(format!(
                "{what}: {} at the end, {} in the middle; more of {}",
                sum(now),
                sum(then),
                more(then, now)
            ));
        }
    }
    let most_data = (end.accounted - half.accounted).max(0.0) + UNACCOUNTED_MB;
    for (what, value, most) in [
        ("connections kept to the sandbox", end.connections as f64, KEPT_CONNECTIONS as f64),
        (
            "MB more in the databases, beside new rows that account for the most",
            end.data - half.data,
            most_data,
        ),
        ("MB of logs of the databases", end.logs, LOGS_MB),
        ("MB of kept previews", end.cache, CACHE_MB as f64),
    ] {
        if value > most {
            missed.push(format!("{what}: {value:.2}, at most: {most:.2}"));
        }
    }
    missed
}

/// What there is more of, by its kind.
fn more(then: &BTreeMap<String, usize>, now: &BTreeMap<String, usize>) -> String {
    let before = |kind: &String| then.get(kind).copied().unwrap_or_default();
    let grown = now.iter().filter(|(kind, count)| **count > before(kind));
    let words: Vec<String> = grown.map(|(kind, count)| format!("{kind} (+{})", count - before(kind))).collect();
    words.join(", ")
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

/// Megabytes of memory an hour, by the line that fits best.
fn slope(samples: &[Sample]) -> f64 {
    let hours = |sample: &Sample| sample.at.as_secs_f64() / 3600.0;
    let count = samples.len() as f64;
    let (time, memory) = samples.iter().fold((0.0, 0.0), |(time, memory), sample| {
        (time + hours(sample) / count, memory + sample.resident / count)
    });
    let (above, below) = samples.iter().fold((0.0, 0.0), |(above, below), sample| {
        let away = hours(sample) - time;
        (above + away * (sample.resident - memory), below + away * away)
    });
    above / below
}
