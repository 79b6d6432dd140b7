//! What is heard: rows as the cursor reaches them, passages of them, clips before they are bought, and what goes wrong with all that.

use std::thread::sleep;
use std::time::Duration;

use trackyard_tui::sandbox::{Fault, Target};

use crate::user::User;

/// Between two keys of a held one: 30 a second.
const REPEAT: Duration = Duration::from_millis(33);

impl User {
    /// From row to row, with an ear to each.
    pub fn walk(&mut self) {
        for _ in 0..2 + self.dice.below(8) {
            let key = self.dice.word(&["j", "j", "j", "j", "k", "k", "\x04", "\x15", "\x1b[6~", "g"]);
            self.terminal.type_keys(key);
            self.linger(60..900);
        }
    }

    /// Holds a key down.
    pub fn hold(&mut self) {
        let key = self.dice.word(&["j", "j", "k"]);
        for _ in 0..20 + self.dice.below(50) {
            self.terminal.type_keys(key);
            sleep(REPEAT);
        }
        self.linger(200..1_200);
    }

    /// To the next rows that were not heard.
    pub fn go_to_unheard(&mut self) {
        for _ in 0..=self.dice.below(3) {
            let key = self.dice.word(&["n", "n", "N"]);
            self.terminal.type_keys(key);
            self.linger(300..1_500);
        }
    }

    /// Here and there in the track.
    pub fn seek(&mut self) {
        for _ in 0..2 + self.dice.below(6) {
            let key = self.dice.word(&["h", "l", ",", ".", "0", "3", "7", "9", "p"]);
            self.terminal.type_keys(key);
            self.linger(60..700);
        }
    }

    /// A passage again and again.
    pub fn go_round(&mut self) {
        self.terminal.type_keys("i");
        self.linger(500..1_500);
        // Its end switches repeat on.
        self.terminal.type_keys("o").wait_for("↻");
        self.linger(500..2_500);
        self.repeat(false);
    }

    /// Pauses, at times for long enough that the device is let go.
    pub fn pause(&mut self) {
        self.terminal.type_keys(" ");
        self.linger(200..4_000);
        self.terminal.type_keys(" ");
        self.linger(100..600);
    }

    /// Volume, mute, loudness, auto-audition, the order of the rows: changed, and changed back.
    pub fn turn_knobs(&mut self) {
        let (there, back) = *self.dice.pick(&[("-", "+"), ("_", "_"), ("e", "e"), ("A", "A"), ("ss", "sss")]);
        self.terminal.type_keys(there);
        self.linger(200..800);
        self.terminal.type_keys("j");
        self.linger(200..800);
        self.terminal.type_keys(back);
    }

    /// Fits a clip and rehearses it; buys it at times.
    pub fn clip(&mut self) {
        let key = self.dice.word(&["t", "t", "m"]);
        self.terminal.type_keys(key).wait_for("Fit a clip");
        self.terminal.wait_until("an estimate, or why there is none", |screen| {
            [" of the preview", "none: ", "nothing in the preview"]
                .iter()
                .any(|text| screen.contains(text))
        });
        for _ in 0..=self.dice.below(4) {
            let keys = self.dice.word(&["l", "h", "\tl", "m", "x", "\r", "  ", "20\r", "\t6\r", "-+"]);
            self.terminal.type_keys(keys);
            self.linger(300..1_500);
        }
        let asks = self.dice.one_in(2);
        if asks {
            self.terminal.type_keys("d");
            self.answer_the_question();
        }
        self.close("Fit a clip");
        if asks {
            self.wait_for_downloads();
        }
    }

    /// Goes on while previews come late, slowly, in part or not at all.
    pub fn suffer_the_network(&mut self) {
        let mut faults = vec![
            Fault::Latency(Duration::from_millis(400)),
            Fault::Bandwidth(200_000),
            Fault::Reset,
            Fault::Status(404),
            Fault::TruncateBody(100_000),
            Fault::NoRange,
            Fault::NoContentLength,
            Fault::HtmlForAudio,
        ];
        if self.is_patient {
            faults.push(Fault::StallBody(100_000));
        }
        let fault = self.dice.pick(&faults).clone();
        let times = 1 + self.dice.below(4) as u32;
        self.house.sandbox.faults().add_times(Target::Preview, fault, times);
        for _ in 0..2 + self.dice.below(4) {
            let key = self.dice.word(&["j", "n", "n"]);
            self.terminal.type_keys(key);
            self.linger(300..1_500);
        }
        self.house.sandbox.faults().clear_target(Target::Preview);
    }

    /// The only device is taken away, while it plays or is paused, and given back.
    pub fn lose_the_device(&mut self) {
        self.repeat(true);
        self.hear();
        let paused = self.dice.one_in(3);
        if paused {
            self.terminal.type_keys(" ").wait_for("‖");
        }
        self.rig.unplug();
        if !paused {
            self.terminal.wait_for("silent: ");
        }
        self.linger(0..3_000);
        self.rig.plug();
        self.hear();
        self.terminal.wait_gone("silent: ");
        self.repeat(false);
    }

    /// Switches repeat on or off, unless it is.
    fn repeat(&mut self, on: bool) {
        let is_on = |screen: &str| screen.contains('↻');
        if is_on(&self.terminal.screen()) != on {
            self.terminal.type_keys("r");
            self.terminal.wait_until("repeat switched", |screen| is_on(screen) == on);
        }
    }
}
