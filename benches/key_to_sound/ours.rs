//! The program under test, on a terminal of its own.

use std::ops::RangeInclusive;
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::common::{House, terminal::Terminal};
use crate::listen::Shelf;
use crate::rig::{RATE, Rig};
use crate::{NETWORKS, Network, Slow};

/// Between two keys of a held one: 30 a second.
const REPEAT: Duration = Duration::from_millis(33);
/// Neighbours on each side that are fetched ahead.
const AHEAD: usize = 2;
/// Half a page down.
const JUMP: &str = "\x04";
/// Quieter than this is silence: −66 dBFS.
const SILENT: f32 = 0.0005;

/// The screen with a hundred tracks on it, the first of which plays.
pub struct Ours<'bench> {
    house: &'bench House,
    rig: &'bench Rig,
    network: Network,
    terminal: Terminal,
    rows: Vec<String>,
    row: usize,
    /// Requests before these are the bench's own.
    own_requests: usize,
    _home: TempDir,
}

impl<'bench> Ours<'bench> {
    /// Starts it with a home of its own, so that nothing is here but what was fetched in this run.
    pub fn start(house: &'bench House, rig: &'bench Rig, network: Network, query: &str, music: &mut Shelf) -> Self {
        NETWORKS[0].set(house);
        let rows = music.rows(query);
        music.prepare(&rows[0]);
        let home = tempfile::tempdir().unwrap();
        let mut environment = house.environment();
        let (old, new) = (house.path().display().to_string(), home.path().display().to_string());
        for (name, value) in &mut environment {
            *value = value.replace(&old, &new);
            if name == "TRACKYARD_LOG" {
                "error".clone_into(value);
            }
        }
        environment.extend(rig.environment());
        let mut terminal = Terminal::start(&[], &environment, 140, 42);
        terminal.wait_for("minute");
        terminal.type_keys(&format!("{query}\r"));
        terminal.wait_for("100 tracks");
        rig.wait_for_sound(rig.mark(), RATE / 10);
        Self {
            house,
            rig,
            network,
            terminal,
            rows,
            row: 0,
            own_requests: 0,
            _home: home,
        }
    }

    pub fn process(&self) -> u32 {
        self.terminal.process()
    }

    pub fn bytes_written(&self) -> usize {
        self.terminal.bytes_written()
    }

    /// Has the server make some rows' previews, so that nobody waits for that, and slows the network down.
    fn ready(&mut self, rows: impl Iterator<Item = usize>, music: &mut Shelf) {
        rows.for_each(|row| music.prepare(&self.rows[row]));
        self.own_requests = self.house.sandbox.requests().len();
        self.network.set(self.house);
    }

    /// Milliseconds from `j` to each of so many next tracks, which were fetched ahead. Between them it rests, or is paused.
    pub fn next_rows(&mut self, count: usize, paused_for: Option<Duration>, music: &mut Shelf) -> Vec<f64> {
        // Made are also those that are fetched ahead on the way.
        self.ready(0..=count + 4, music);
        // What was fetched ahead before the network was slow does not count.
        self.step("jj", 2, music);
        (0..count)
            .map(|_| {
                self.wait_for_fetch(self.row + 1);
                if let Some(pause) = paused_for {
                    self.terminal.type_keys(" ");
                    sleep(pause);
                }
                self.step("j", 1, music)
            })
            .collect()
    }

    /// Milliseconds from a jump to each of so many tracks that were not fetched.
    pub fn jumps(&mut self, count: usize, music: &mut Shelf) -> Vec<f64> {
        // How far a jump goes, the screen tells.
        self.terminal.type_keys(JUMP);
        self.terminal
            .wait_until("another row", |screen| place(screen).is_some_and(|row| row > 0));
        let far = place(&self.terminal.screen()).unwrap();
        let count = count.min((self.rows.len() - 1) / far - 1);
        // Their neighbours too, which are fetched ahead: a server that makes music beside a bench is not what is measured.
        let last = self.rows.len() - 1;
        let near = |row: usize| row.saturating_sub(AHEAD)..=(row + AHEAD).min(last);
        self.ready((1..=count + 1).flat_map(|jump| near(jump * far)), music);
        self.row = far;
        (0..count)
            .map(|_| {
                sleep(Duration::from_millis(1_500));
                assert!(!self.asked_for(self.row + far), "a cold row has been fetched");
                self.step(JUMP, far, music)
            })
            .collect()
    }

    /// Presses keys that lead so many rows down, and waits for the sound of that row.
    fn step(&mut self, keys: &str, rows: usize, music: &Shelf) -> f64 {
        self.row += rows;
        let mark = self.rig.mark();
        let since = Instant::now();
        self.terminal.type_keys(keys);
        let time = music.time_to(&self.rows[self.row], self.rig, mark, since);
        sleep(Duration::from_millis(400));
        time
    }

    fn asked_for(&self, row: usize) -> bool {
        let path = self.rows[row].strip_prefix(self.house.sandbox.preview_origin()).unwrap();
        self.house.sandbox.requests()[self.own_requests..]
            .iter()
            .any(|seen| seen.path == path)
    }

    /// Waits until a row was fetched ahead far enough.
    fn wait_for_fetch(&self, row: usize) {
        let end = Instant::now() + Duration::from_secs(30);
        while !self.asked_for(row) {
            assert!(Instant::now() < end, "row {row} is not fetched ahead");
            sleep(Duration::from_millis(20));
        }
        sleep(match self.network.fault {
            None => Duration::from_millis(700),
            Some(Slow::Latency(millis)) => Duration::from_millis(700 + millis),
            Some(Slow::Bandwidth(rate)) => Duration::from_millis(700 + 64_000_000 / rate),
        });
    }

    /// Milliseconds from the last of many `j` to the sound of the last row, and how many previews were asked for since the first.
    pub fn hold_to_the_last_row(&mut self, music: &mut Shelf) -> (f64, usize) {
        let last = self.rows.len() - 1;
        self.ready([last].into_iter(), music);
        let before = self.house.sandbox.requests().len();
        let mark = self.rig.mark();
        for _ in 1..last {
            self.terminal.type_keys("j");
            sleep(REPEAT);
        }
        let since = Instant::now();
        self.terminal.type_keys("j");
        let time = music.time_to(&self.rows[last], self.rig, mark, since);
        let requests = self.house.sandbox.requests();
        let previews = requests[before..].iter().filter(|seen| seen.path.starts_with("/previews/"));
        (time, previews.count())
    }

    /// Plays and waits until it is silent.
    pub fn pause(&mut self) {
        self.terminal.type_keys(" ");
    }

    /// Milliseconds of the longest silence in a minute of sound, while everything else is used.
    pub fn longest_gap_in_a_minute(&mut self, music: &mut Shelf) -> f64 {
        // A row without silence of its own, played in a loop that the end of the file is not part of.
        let row = (0..self.rows.len())
            .find(|row| {
                music.prepare(&self.rows[*row]);
                longest_silence(&music.sound(&self.rows[*row])[RATE..RATE * 8]) < RATE / 500
            })
            .expect("music without gaps");
        self.network.set(self.house);
        for _ in 0..row {
            self.terminal.type_keys("j");
            sleep(Duration::from_millis(300));
        }
        self.row = row;
        self.terminal.type_keys("A");
        sleep(Duration::from_millis(1_200));
        self.terminal.type_keys("i");
        sleep(Duration::from_secs(6));
        self.terminal.type_keys("o");
        let mark = self.rig.mark();
        let begun = Instant::now();
        let mut round = 0;
        while begun.elapsed() < Duration::from_mins(1) {
            let keys: RangeInclusive<usize> = 0..=9;
            for turn in keys {
                match turn {
                    0 => self.terminal.type_keys("\t"),
                    1 => self.terminal.type_keys("\t"),
                    2 => self.terminal.type_keys("f"),
                    3 => self.terminal.type_keys("jk\x1b"),
                    4 => self.terminal.type_keys("?"),
                    5 => self.terminal.type_keys("\x1b"),
                    6 => {
                        self.terminal
                            .resize(if round % 2 == 0 { 90 } else { 140 }, if round % 2 == 0 { 30 } else { 42 });
                        &mut self.terminal
                    }
                    7 => self.terminal.type_keys(&format!("/soft strings {round}")),
                    8 => self.terminal.type_keys("\r"),
                    _ => self.terminal.type_keys("j"),
                };
                sleep(Duration::from_millis(400));
            }
            round += 1;
        }
        longest_silence(&self.rig.since(mark)) as f64 / RATE as f64 * 1_000.0
    }
}

/// The row that the screen says the cursor is in, the first being 0.
fn place(screen: &str) -> Option<usize> {
    let (before, _) = screen.split_once(" / 100")?;
    before
        .rsplit(|c: char| !c.is_ascii_digit())
        .next()?
        .parse::<usize>()
        .ok()?
        .checked_sub(1)
}

fn longest_silence(sound: &[f32]) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for sample in sound {
        run = if sample.abs() < SILENT { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}
