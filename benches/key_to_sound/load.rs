//! What a process costs, as the kernel counts it.

use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Clock ticks a second of the kernel's accounting.
const TICKS: f64 = 100.0;

/// Per cent of a core that a process uses from now on, for so long.
pub fn share(process: u32, time: Duration) -> f64 {
    let (before, begun) = (ticks(process), Instant::now());
    sleep(time);
    (ticks(process) - before) / TICKS / begun.elapsed().as_secs_f64() * 100.0
}

fn ticks(process: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    // The name before it may hold spaces.
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()
}

/// Megabytes of memory that a process holds.
pub fn resident(process: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}
