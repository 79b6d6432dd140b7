//! What may cost a credit: searches, asking again, downloads. And what leads there: typing, filters.

use trackyard_tui::sandbox::{Fault, Target};

use crate::common::terminal::Terminal;
use crate::user::{ASKED, User};

/// What is asked while the server is in trouble: no answer to it is ever kept.
const IN_VAIN: &str = "nothing comes of this";
/// Words of new searches.
const HOW: [&str; 7] = ["calm", "bright", "tense", "dreamy", "epic", "slow", "dark"];
const WHAT: [&str; 6] = ["piano", "funk", "strings", "synths", "guitar", "choir"];
const WHERE: [&str; 5] = ["a vlog", "a chase", "a wedding", "the end titles", "a rainy street"];
/// Typed and not asked.
const TYPED: [&str; 5] = [
    "piano",
    "night river",
    "slow sad piano no vocals under 80 bpm",
    "happy ukulele",
    "épique 管弦楽",
];
/// What rows of tracks seen before say of themselves.
const SEEN_BEFORE: &str = "seen before · free";

/// What stands in the query box.
fn typed(screen: &str) -> &str {
    let line = screen.lines().find(|line| line.contains('›')).unwrap_or_default();
    let behind = line.split_once('›').map_or("", |(_, behind)| behind);
    // The price stands to the right of it.
    behind.trim_start().split("  ").next().unwrap_or_default().trim_end()
}

impl User {
    /// Asks as a person does: words in the box, a look at the price, Enter. Waits for the end of it.
    pub fn ask(&mut self, words: &str) {
        self.type_into_the_box(words);
        self.terminal.wait_that("the words and their price", |terminal| {
            let screen = terminal.screen();
            terminal.shows_cursor() && typed(&screen) == words && !screen.contains("checking…")
        });
        self.terminal.type_keys("\r");
        self.wait_for_the_answer();
        self.terminal.wait_for("100 tracks");
    }

    /// Goes to the box, and puts these words in the place of what stands there.
    fn type_into_the_box(&mut self, words: &str) {
        self.terminal.type_keys("/").wait_that("the box", Terminal::shows_cursor);
        self.terminal.type_keys(&format!("\x15{words}"));
    }

    /// Waits until nothing is being asked any more.
    fn wait_for_the_answer(&mut self) {
        // The box has given the focus away in the frame that says that it is asked: the cursor goes at the end of a frame.
        self.terminal.wait_that("the end of the search", |terminal| {
            let hidden = !terminal.shows_cursor();
            let screen = terminal.screen();
            hidden && !screen.contains("asking 127.0.0.1") && !screen.contains("for the rate limit")
        });
    }

    /// Something that was asked before.
    pub fn search(&mut self) {
        let words = self.dice.word(&ASKED);
        self.ask(words);
        self.linger(300..1_500);
    }

    /// Something that was hardly ever asked before.
    pub fn search_anew(&mut self) {
        if self.closed {
            return self.search();
        }
        let (how, what, place) = (self.dice.word(&HOW), self.dice.word(&WHAT), self.dice.word(&WHERE));
        self.ask(&format!("{how} {what} for {place}"));
        self.linger(300..1_500);
    }

    /// Types, looks at what was seen before, perhaps hears some of it, and leaves.
    pub fn type_live(&mut self) {
        self.type_into_the_box("");
        for letter in self.dice.word(&TYPED).chars() {
            self.terminal.type_keys(letter.encode_utf8(&mut [0; 4]));
            self.linger(20..160);
        }
        for _ in 0..self.dice.below(4) {
            self.terminal.type_keys("\x7f");
            self.linger(20..160);
        }
        self.terminal.wait_that("the box", Terminal::shows_cursor);
        self.linger(300..600);
        if self.terminal.screen().contains(SEEN_BEFORE) && self.dice.one_in(2) {
            self.terminal.type_keys("\x1b[B");
            for _ in 0..self.dice.below(4) {
                self.terminal.type_keys("j");
                self.linger(100..700);
            }
            self.close(SEEN_BEFORE);
            return;
        }
        self.terminal.type_keys("\x1b");
        self.terminal
            .wait_that("the box left", |terminal| !terminal.shows_cursor())
            .wait_gone(SEEN_BEFORE);
    }

    /// Narrows the rows and takes it back.
    pub fn filter(&mut self) {
        let row = self.dice.below(7);
        self.terminal.type_keys(&format!("f{}{}", "k".repeat(6), "j".repeat(row)));
        if let Some(word) = [(0, "jazz"), (1, "calm"), (6, "piano")].iter().find(|(list, _)| *list == row) {
            self.terminal.type_keys("\r").wait_for("Space toggles");
            self.terminal.type_keys(word.1);
            self.linger(100..500);
            self.terminal.type_keys("\r").wait_gone("Space toggles");
        } else {
            for _ in 0..=self.dice.below(5) {
                let key = self.dice.word(&["l", "l", "h"]);
                self.terminal.type_keys(key);
                self.linger(50..400);
            }
        }
        self.linger(100..800);
        self.terminal.type_keys("X\t").wait_for("100 tracks");
    }

    /// Asks the same again, for another credit; at times only at the second try, since the server wants to be left alone for a second.
    pub fn refresh(&mut self) {
        let faults = self.house.sandbox.faults();
        if self.dice.one_in(3) {
            faults.add_times(Target::Search, Fault::Status(429), 1);
            faults.add_times(Target::Search, Fault::RetryAfter("1".to_owned()), 1);
        }
        self.terminal.type_keys("\x1b[15~");
        self.confirm();
        self.wait_for_the_answer();
        self.house.sandbox.faults().clear_target(Target::Search);
    }

    /// Asks what gets no answer.
    pub fn ask_in_vain(&mut self) {
        let fault = self
            .dice
            .pick(&[
                Fault::Status(400),
                Fault::StatusHtml(502),
                Fault::Reset,
                Fault::ChargedReset,
                Fault::EmptyBody,
                Fault::TruncateBody(40),
            ])
            .clone();
        let faults = self.house.sandbox.faults();
        faults.add_times(Target::Search, fault, 1);
        self.type_into_the_box(IN_VAIN);
        self.terminal.wait_that("the words", |terminal| {
            terminal.shows_cursor() && typed(&terminal.screen()) == IN_VAIN
        });
        self.terminal.type_keys("\r");
        self.wait_for_the_answer();
        self.house.sandbox.faults().clear_target(Target::Search);
        self.linger(300..2_000);
        // Leaves the tracks seen before that stand there instead, takes the news off the screen, and has the keys of the rows in their place.
        self.terminal.type_keys("\x1b");
        self.terminal.wait_gone(SEEN_BEFORE).wait_for("k move").wait_for("100 tracks");
    }

    /// Buys the track under the cursor, or thinks better of it.
    pub fn download(&mut self) {
        if !self.is_patient {
            // A whole track is long in the making.
            return self.clip();
        }
        self.terminal.type_keys("d");
        self.answer_the_question();
        self.wait_for_downloads();
    }

    /// Answers the question of a download, which goes wrong at times.
    pub fn answer_the_question(&mut self) {
        self.terminal.wait_for("y confirms");
        // What is owned is not bought again.
        if self.terminal.screen().contains("You own this") || self.dice.one_in(5) {
            self.close("y confirms");
            return;
        }
        if self.dice.one_in(3) {
            let fault = self
                .dice
                .pick(&[
                    Fault::Status(400),
                    Fault::Status(503),
                    Fault::StatusHtml(502),
                    Fault::Reset,
                    Fault::ChargedReset,
                    Fault::TruncateBody(50_000),
                    Fault::Bandwidth(400_000),
                    Fault::NoContentLength,
                    Fault::JsonForAudio,
                ])
                .clone();
            self.house.sandbox.faults().add_times(Target::Download, fault, 1);
        }
        self.confirm();
    }

    /// Watches the downloads until they are over, and takes them off the list.
    pub fn wait_for_downloads(&mut self) {
        self.terminal.type_keys("J").wait_for(" 0 under way");
        self.linger(100..400);
        self.terminal.type_keys("xx");
        self.close("under way");
        self.house.sandbox.faults().clear_target(Target::Download);
    }
}
