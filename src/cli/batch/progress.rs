//! How far a batch is: one line that changes on a terminal, a line for each brief elsewhere.

use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use crate::api::Limits;
use crate::text::cut;

const WIDTH: usize = 20;
/// How often the line is written anew while nothing happens.
const TICK: Duration = Duration::from_secs(1);
/// Back to the beginning of a line that is empty then.
const CLEAR: &str = "\r\u{1b}[2K";

/// What is known about the rest of a batch.
#[derive(Debug, Clone, Copy, Default)]
struct Pace {
    /// Requests that the server takes in a minute, and how many of them are left in this one.
    minute: Option<(u64, u64)>,
    /// What is left of the wait for the rate limit.
    waiting: Option<Duration>,
    /// How long one answer takes.
    each: Option<Duration>,
}

/// How long so many asks take; `None` where nothing is known yet.
fn time_left(asks: u64, pace: Pace) -> Option<Duration> {
    let answering = pace.each.map(|each| each * u32::try_from(asks).unwrap_or(u32::MAX));
    let held_back = match (pace.minute, pace.waiting) {
        (Some((limit, left)), waiting) if limit > 0 => {
            // The wait that runs is for a whole minute's worth of requests.
            let at_once = if waiting.is_some() { limit } else { left };
            let minutes = asks.saturating_sub(at_once).div_ceil(limit);
            Some(waiting.unwrap_or_default() + Duration::from_secs(60 * minutes))
        }
        (_, waiting) => waiting,
    };
    match (answering, held_back) {
        (Some(answering), Some(held_back)) => Some(answering + held_back),
        (one, other) => one.or(other),
    }
}

struct Shown {
    total: usize,
    done: usize,
    query: String,
    limits: Limits,
    why: &'static str,
    waiting_until: Option<Instant>,
    sent_at: Option<Instant>,
    answering: Duration,
    answers: u32,
    /// Nothing more is written.
    over: bool,
}

/// The line.
pub(super) struct Bar {
    shown: Arc<Mutex<Shown>>,
    terminal: bool,
    ticking: Option<JoinHandle<()>>,
}

impl Bar {
    pub(super) fn new(total: usize) -> Self {
        let shown = Arc::new(Mutex::new(Shown {
            total,
            done: 0,
            query: String::new(),
            limits: Limits::default(),
            why: "",
            waiting_until: None,
            sent_at: None,
            answering: Duration::ZERO,
            answers: 0,
            over: false,
        }));
        let terminal = std::io::stderr().is_terminal();
        let ticking = terminal.then(|| {
            let shown = Arc::clone(&shown);
            tokio::spawn(async move {
                loop {
                    tokio::time::sleep(TICK).await;
                    let shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
                    if shown.over {
                        return;
                    }
                    write(&shown, true);
                }
            })
        });
        Self { shown, terminal, ticking }
    }

    fn change(&self, tell: bool, change: impl FnOnce(&mut Shown)) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut shown);
        if tell || self.terminal {
            write(&shown, self.terminal);
        }
    }

    /// The next brief is asked.
    pub(super) fn asks(&self, done: usize, query: &str) {
        self.change(true, |shown| (shown.done, shown.query) = (done, query.to_owned()));
    }

    /// It waits, and for what.
    pub(super) fn waits(&self, why: &'static str, time: Duration) {
        self.change(true, |shown| (shown.why, shown.waiting_until) = (why, Some(Instant::now() + time)));
    }

    /// It has left.
    pub(super) fn sent(&self) {
        self.change(false, |shown| (shown.waiting_until, shown.sent_at) = (None, Some(Instant::now())));
    }

    /// Its answer is here.
    pub(super) fn answered(&self, limits: Limits) {
        self.change(false, |shown| {
            if let Some(sent_at) = shown.sent_at.take() {
                shown.answering += sent_at.elapsed();
                shown.answers += 1;
            }
            shown.limits = limits;
        });
    }

    /// Takes the line away, for good: a tick that is under way writes no other.
    pub(super) fn end(&self) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.over = true;
        if let Some(ticking) = &self.ticking {
            ticking.abort();
        }
        if self.terminal {
            put(CLEAR);
        }
    }
}

fn write(shown: &Shown, terminal: bool) {
    let text = line(shown, Instant::now());
    put(&if terminal { format!("{CLEAR}{text}") } else { format!("{text}\n") });
}

/// Whoever does not read it any more stops nothing.
fn put(text: &str) {
    let mut out = std::io::stderr();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

fn line(shown: &Shown, now: Instant) -> String {
    let full = shown.done * WIDTH / shown.total.max(1);
    let bar = format!("{}{}", "▰".repeat(full), "▱".repeat(WIDTH - full));
    let waiting = shown
        .waiting_until
        .map(|until| until.saturating_duration_since(now))
        .filter(|wait| !wait.is_zero());
    let pace = Pace {
        minute: shown.limits.minute_limit.zip(shown.limits.minute_remaining),
        waiting,
        each: (shown.answers > 0).then(|| shown.answering / shown.answers.max(1)),
    };
    let mut parts = vec![format!("{bar} {} of {}", shown.done, shown.total), cut(&shown.query, 30)];
    if let Some(wait) = waiting {
        parts.push(format!("{}, goes on in {}", shown.why, span(wait)));
    }
    let left = (shown.total - shown.done.min(shown.total)) as u64;
    parts.extend(time_left(left, pace).map(|time| format!("about {} left", span(time))));
    parts.join(" · ")
}

fn span(time: Duration) -> String {
    let seconds = time.as_secs_f64().ceil();
    if seconds < 90.0 {
        format!("{seconds:.0} s")
    } else if seconds < 5400.0 {
        format!("{:.0} min", (seconds / 60.0).ceil())
    } else {
        format!("{:.1} h", seconds / 3600.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_counts_the_minutes_that_the_rate_limit_takes() {
        let pace = |minute, waiting: Option<u64>, each: Option<u64>| Pace {
            minute,
            waiting: waiting.map(Duration::from_secs),
            each: each.map(Duration::from_millis),
        };
        for (asks, pace, seconds) in [
            (4, pace(None, None, None), None),
            (4, pace(None, None, Some(500)), Some(2)),
            (4, pace(Some((5, 4)), None, None), Some(0)),
            (5, pace(Some((5, 4)), None, None), Some(60)),
            (40, pace(Some((5, 4)), None, Some(1000)), Some(8 * 60 + 40)),
            (5, pace(Some((5, 0)), Some(20), None), Some(20)),
            (11, pace(Some((5, 0)), Some(20), None), Some(140)),
            (3, pace(None, Some(20), None), Some(20)),
            (3, pace(Some((0, 0)), None, None), None),
        ] {
            assert_eq!(time_left(asks, pace), seconds.map(Duration::from_secs), "{asks} {pace:?}");
        }
    }

    #[test]
    fn the_line_tells_how_far_it_is_and_what_it_waits_for() {
        let now = Instant::now();
        let shown = Shown {
            total: 8,
            done: 2,
            query: "calm piano".into(),
            limits: Limits {
                minute_limit: Some(5),
                minute_remaining: Some(0),
                ..Limits::default()
            },
            why: "rate limit",
            waiting_until: Some(now + Duration::from_secs(42)),
            sent_at: None,
            answering: Duration::ZERO,
            answers: 0,
            over: false,
        };
        let line = line(&shown, now);
        assert_eq!(
            line,
            "▰▰▰▰▰▱▱▱▱▱▱▱▱▱▱▱▱▱▱▱ 2 of 8 · calm piano · rate limit, goes on in 42 s · about 2 min left"
        );
    }
}
