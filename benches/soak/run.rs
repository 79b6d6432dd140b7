//! How a soak goes: act for a while, come to rest, look, and again; then decide.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::user::User;
use crate::verdict::{Growth, decide};
use crate::watch::{HEADING, Sample, look, rest};

/// From here on a soak is long enough for everything to have been filled by its middle.
const LONG: Duration = Duration::from_mins(10);
/// Moments of rest in a long one.
const LOOKS: u32 = 30;
/// The least time between two moments of rest.
const LEAST: Duration = Duration::from_secs(15);
/// How long what is on its way to an end may take for it: a connection that is kept for the next preview goes after 90 s.
const COMES_DOWN: Duration = Duration::from_mins(2);

/// What is run.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub seed: u64,
    pub length: Duration,
    /// How long it acts before it comes to rest.
    pub every: Duration,
    /// How long nothing may change before it is taken to be at rest: longer than threads wait for more work (10 s), and in a long one
    /// longer than a server is waited for that has fallen silent (15 s).
    pub still: Duration,
    pub is_long: bool,
    /// What memory may grow by from the middle on.
    pub memory: Growth,
}

impl Plan {
    /// A plan for so much time.
    pub fn of(length: Duration, seed: u64) -> Self {
        let is_long = length >= LONG;
        Self {
            seed,
            length,
            every: (length / LOOKS).max(LEAST),
            still: Duration::from_secs(if is_long { 20 } else { 11 }),
            is_long,
            memory: if is_long {
                Growth {
                    megabytes: 4.0,
                    share: 0.1,
                }
            } else {
                // The 24 MB of previews that are kept for playing again are still being filled.
                Growth {
                    megabytes: 30.0,
                    share: 0.0,
                }
            },
        }
    }
}

/// The seed that was asked for, if one was.
pub fn seed_asked_for() -> Option<u64> {
    std::env::var("SOAK_SEED").ok().map(|seed| seed.parse().unwrap())
}

/// Runs it, prints what is seen on the way, and gives what has grown.
pub fn run(plan: &Plan) -> Vec<String> {
    println!("A soak of {} s; SOAK_SEED={} plays it again\n", plan.length.as_secs(), plan.seed);
    let begun = Instant::now();
    let mut user = User::start(plan);
    println!("{HEADING}");
    let (mut samples, mut middle): (Vec<Sample>, Option<usize>) = (Vec::new(), None);
    loop {
        rest(&mut user, plan.still);
        let sample = look(&user, begun);
        println!("{sample}");
        samples.push(sample);
        let now = begun.elapsed();
        // What ends comes after the middle, however long the middle has taken.
        if middle.is_some() && now >= plan.length {
            break;
        }
        if middle.is_none() && now >= plan.length / 2 {
            middle = Some(samples.len() - 1);
            user.closed = true;
        }
        let next = now + plan.every;
        let until = if middle.is_some() {
            next.min(plan.length.max(now + LEAST))
        } else {
            next.min((plan.length / 2).max(now))
        };
        while begun.elapsed() < until {
            user.act();
        }
    }
    let middle = middle.unwrap_or_default();
    let patience = Instant::now() + COMES_DOWN;
    while samples[samples.len() - 1].holds_more_than(&samples[middle]) && Instant::now() < patience {
        std::thread::sleep(Duration::from_secs(1));
        samples.pop();
        samples.push(look(&user, begun));
    }
    println!("{}  in the end", samples[samples.len() - 1]);
    tell(&user);
    decide(plan, &samples, middle)
}

/// What was done, and how often.
fn tell(user: &User) {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for action in &user.history {
        *times.entry(action).or_default() += 1;
    }
    let times: Vec<String> = times.iter().map(|(action, times)| format!("{action} {times}")).collect();
    println!("\nDone: {}", times.join(" · "));
    println!(
        "Credits spent: {}. Tracks that were heard only at a second try: {}.",
        user.house.sandbox.charged(),
        user.unheard
    );
}
