//! What is looked at: popups, panes, and windows of other sizes.

use trackyard_tui::sandbox::{Fault, Target};

use crate::user::{HOME, User};

/// A line of the help.
const HELP: &str = "draw the screen anew";
/// Columns and rows: the usual ones, the smallest, and what nobody has.
const SIZES: [(u16, u16); 10] = [
    (80, 24),
    (100, 30),
    (59, 14),
    (40, 12),
    (30, 8),
    (29, 7),
    (1, 1),
    (2, 60),
    (300, 2),
    (250, 90),
];

impl User {
    /// The history of calls, which cannot be fetched at times.
    pub fn read_the_history(&mut self) {
        let faults = self.house.sandbox.faults();
        if self.dice.one_in(3) {
            let fault = self.dice.pick(&[Fault::Status(503), Fault::Reset, Fault::EmptyBody]).clone();
            faults.add_times(Target::Usage, fault, 1);
        }
        self.terminal.type_keys("u").wait_for("Usage");
        self.linger(200..900);
        self.scroll();
        self.close("Usage");
        self.house.sandbox.faults().clear_target(Target::Usage);
    }

    /// Decides about some tracks, and looks at what was decided.
    pub fn shortlist(&mut self) {
        for _ in 0..=self.dice.below(3) {
            let keys = self.dice.word(&["aj", "aj", "xj", "a"]);
            self.terminal.type_keys(keys);
            self.linger(100..600);
        }
        self.terminal.type_keys("S").wait_for("Shortlist");
        for _ in 0..self.dice.below(4) {
            let key = self.dice.word(&["j", "j", "k", "b", "J", "xu", "x"]);
            self.terminal.type_keys(key);
            self.linger(100..600);
        }
        self.close("Shortlist");
    }

    /// One of the other popups: its key, and what only it says.
    pub fn read_a_popup(&mut self) {
        let popups = [
            ("?", HELP),
            ("L", "Receipts"),
            ("U", "Account"),
            (":", "Palette"),
            ("M", "makes them the results"),
        ];
        let (key, says) = *self.dice.pick(&popups);
        self.terminal.type_keys(key).wait_for(says);
        self.linger(200..900);
        // The account goes at any key.
        if key != "U" {
            self.scroll();
        }
        self.close(says);
    }

    fn scroll(&mut self) {
        for _ in 0..self.dice.below(4) {
            let key = self.dice.word(&["j", "j", "k"]);
            self.terminal.type_keys(key);
            self.linger(50..300);
        }
    }

    /// Another size again and again, faster than anything is drawn, with keys between, and the help open at times.
    pub fn storm(&mut self) {
        let help = self.dice.one_in(3);
        if help {
            self.terminal.type_keys("?").wait_for(HELP);
        }
        for _ in 0..10 + self.dice.below(30) {
            let (columns, rows) = *self.dice.pick(&SIZES);
            let more = self.dice.below(3) as u16;
            self.resize((columns + more, rows));
            if self.dice.one_in(3) {
                self.terminal.type_keys("j");
            }
            self.linger(0..25);
        }
        self.resize(HOME);
        if help {
            self.terminal.wait_for(HELP);
            self.close(HELP);
        }
        self.settle();
    }

    /// A window in which nothing fits, and one in which little does.
    pub fn shrink(&mut self) {
        self.resize((29, 7));
        self.terminal.wait_for("Make the window larger");
        self.terminal.type_keys("j");
        self.linger(100..500);
        self.resize((40, 12));
        self.terminal.wait_for("Results");
        self.terminal.type_keys("j");
        self.linger(100..500);
        self.resize(HOME);
        self.settle();
    }

    /// Through the panes and back to the rows, while the window loses the focus and gets it back.
    pub fn go_through_the_panes(&mut self) {
        let key = self.dice.word(&["\t", "\x1b[Z"]);
        // What terminals tell of the focus.
        for told in ["\x1b[O", "\x1b[I", ""] {
            self.terminal.type_keys(key);
            self.linger(50..400);
            self.terminal.type_keys(told);
        }
    }

    fn resize(&mut self, size: (u16, u16)) {
        // Nobody tells the program of a size that is the same, so nothing would be drawn anew.
        if self.size != size {
            self.terminal.resize(size.0, size.1);
            self.size = size;
        }
    }

    /// Waits until everything is drawn anew in the usual size.
    fn settle(&mut self) {
        self.terminal.wait_for("Credits").wait_for("100 tracks");
        self.linger(200..500);
    }
}
