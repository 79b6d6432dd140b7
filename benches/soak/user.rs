//! Somebody at the keyboard. What comes next is chance; each action begins and ends in the rows, in a window of the usual size, with no popup
//! open and no fault armed.

use std::ops::Range;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::common::House;
use crate::common::terminal::{PATIENCE, Terminal};
use crate::dice::Dice;
use crate::rig::Rig;
use crate::run::Plan;

/// Columns and rows of the window.
pub const HOME: (u16, u16) = (140, 42);
/// What is asked again and again, and in the second half alone.
pub const ASKED: [&str; 6] = [
    "calm piano for a rainy scene",
    "warm jazz",
    "dark cinematic drums",
    "happy acoustic guitar",
    "fast techno",
    "slow ambient pads",
];
/// Most megabytes of previews on the disk.
pub const CACHE_MB: u64 = 40;
/// More than can be spent.
const CREDITS: i64 = 100_000;
/// −48 dBFS.
const AUDIBLE: f32 = 0.004;
/// How often a track is played that is not heard, and how long it is listened for.
const TRIES: usize = 4;
const LISTEN: Duration = Duration::from_secs(10);

/// A frame is drawn by then, whatever else the machine does.
const FRAME: Duration = Duration::from_millis(100);
/// Keys that are told of a soak that did not go on.
const LAST_KEYS: usize = 400;

type Act = fn(&mut User);

/// What is done, and how often among the rest.
const DECK: &[(usize, &str, Act)] = &[
    (6, "search", User::search),
    (4, "new-search", User::search_anew),
    (4, "typing", User::type_live),
    (2, "filter", User::filter),
    (1, "refresh", User::refresh),
    (2, "failure", User::ask_in_vain),
    (2, "download", User::download),
    (8, "walk", User::walk),
    (3, "hold", User::hold),
    (2, "unheard", User::go_to_unheard),
    (3, "seek", User::seek),
    (2, "loop", User::go_round),
    (2, "pause", User::pause),
    (1, "controls", User::turn_knobs),
    (3, "clip", User::clip),
    (2, "network", User::suffer_the_network),
    (2, "device", User::lose_the_device),
    (2, "usage", User::read_the_history),
    (2, "shortlist", User::shortlist),
    (2, "popup", User::read_a_popup),
    (2, "storm", User::storm),
    (1, "tiny", User::shrink),
    (2, "panes", User::go_through_the_panes),
];

/// The program, all that is around it, and who uses it. Fields are dropped in their order: the program ends first.
pub struct User {
    pub terminal: Terminal,
    pub rig: Rig,
    pub house: House,
    /// The chance of what is done now.
    pub dice: Dice,
    /// There is time for what takes long.
    pub is_patient: bool,
    /// Nothing is asked any more that was not asked before.
    pub closed: bool,
    /// The window as it is.
    pub size: (u16, u16),
    /// What was done so far.
    pub history: Vec<&'static str>,
    /// How often a track was played and not heard.
    pub unheard: usize,
    seed: u64,
    /// The chance of what is done next.
    fate: Dice,
    deck: Vec<(&'static str, Act)>,
    without: String,
}

impl User {
    /// Starts the program and asks everything that is asked again later.
    pub fn start(plan: &Plan) -> Self {
        let (house, rig) = (House::with_credits(CREDITS), Rig::start());
        let config = house.path().join(".config/trackyard-tui/config.toml");
        std::fs::create_dir_all(config.parent().unwrap()).unwrap();
        std::fs::write(&config, format!("preview_cache_mb = {CACHE_MB}\n")).unwrap();
        let mut environment = house.environment();
        // At its most talkative the log grows with every key.
        environment.retain(|(name, _)| name != "TRACKYARD_LOG");
        environment.extend(rig.environment());
        let terminal = Terminal::start(&[], &environment, HOME.0, HOME.1);
        terminal.wait_for("minute");
        let mut user = Self {
            terminal,
            rig,
            house,
            dice: Dice::new(plan.seed),
            is_patient: plan.is_long,
            closed: false,
            size: HOME,
            history: Vec::new(),
            unheard: 0,
            seed: plan.seed,
            fate: Dice::new(plan.seed),
            deck: Vec::new(),
            without: std::env::var("SOAK_WITHOUT").unwrap_or_default(),
        };
        for words in ASKED {
            user.ask(words);
        }
        user
    }

    /// Does the next thing.
    pub fn act(&mut self) {
        if self.deck.is_empty() {
            self.shuffle();
        }
        let (name, act) = self.deck.pop().expect("something is left to be done");
        self.history.push(name);
        // Each action has a chance of its own: how often one of them tries changes no later one.
        self.dice = Dice::new(self.fate.throw());
        act(self);
        self.rig.forget();
    }

    fn shuffle(&mut self) {
        let wanted = DECK
            .iter()
            .filter(|(_, name, _)| self.without.split(',').all(|without| without != *name));
        let mut deck: Vec<(&'static str, Act)> = wanted
            .flat_map(|(times, name, act)| std::iter::repeat_n((*name, *act), *times))
            .collect();
        for last in (1..deck.len()).rev() {
            deck.swap(last, self.fate.below(last + 1));
        }
        self.deck = deck;
    }

    /// Looks and listens for so many milliseconds.
    pub fn linger(&mut self, millis: Range<usize>) {
        let time = millis.start + self.dice.below(millis.len());
        sleep(Duration::from_millis(time as u64));
    }

    /// Closes the popup that shows this. With a key behind it, Esc would be Alt: so it is gone before anything else is typed, and not only
    /// from a frame that is half drawn, as when the popup has just grown.
    pub fn close(&mut self, text: &str) {
        self.terminal.type_keys("\x1b");
        loop {
            self.terminal.wait_gone(text);
            sleep(FRAME);
            if !self.terminal.screen().contains(text) {
                return;
            }
        }
    }

    /// Says yes to the question on the screen. It is deaf at first, on purpose; a person presses again.
    pub fn confirm(&mut self) {
        self.terminal.wait_for("y confirms");
        let end = Instant::now() + PATIENCE;
        while self.terminal.screen().contains("y confirms") {
            assert!(Instant::now() < end, "it takes no yes; the screen is\n{}", self.terminal.screen());
            self.terminal.type_keys("y");
            sleep(Duration::from_millis(100));
        }
    }

    /// Plays the track under the cursor from its start, until it is heard.
    pub fn hear(&mut self) {
        for _ in 0..TRIES {
            self.terminal.type_keys("\r");
            // What played before is on its way through the audio server still.
            sleep(Duration::from_millis(300));
            self.rig.forget();
            if self.is_heard() {
                return;
            }
            self.unheard += 1;
        }
        panic!("nothing is heard; the screen is\n{}", self.terminal.screen());
    }

    fn is_heard(&self) -> bool {
        let end = Instant::now() + LISTEN;
        while Instant::now() < end {
            if self.rig.since(0).iter().any(|sample| sample.abs() > AUDIBLE) {
                return true;
            }
            sleep(Duration::from_millis(50));
        }
        false
    }
}

impl Drop for User {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let last: Vec<&str> = self.history.iter().rev().take(8).copied().collect();
            eprintln!(
                "It ended at action {} of SOAK_SEED={}; the last ones, backwards: {}",
                self.history.len(),
                self.seed,
                last.join(", ")
            );
            let typed = self.terminal.typed();
            let from = typed.char_indices().rev().take(LAST_KEYS).last().map_or(0, |(at, _)| at);
            eprintln!("The last keys: {:?}", &typed[from..]);
        }
    }
}
