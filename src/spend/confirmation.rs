//! A confirmation: opened by the user's own key, armed late, deaf to paste, repeats and releases.

use crate::input::{Key, KeyPress};
use crate::state::Moment;

/// How long after it is drawn a confirmation starts to listen, in milliseconds: long enough to be seen.
pub const ARMED_AFTER_MS: u64 = 300;

/// A confirmed spend. Only [`Confirmation::press`] makes one.
///
/// ```compile_fail,E0451
/// let forged = trackyard_tui::spend::Confirmed { _private: () };
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Confirmed {
    _private: (),
}

/// Where the focus of a confirmation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Button {
    /// The safe one; the focus starts here.
    Cancel,
    /// The one that spends.
    Spend,
}

/// What a key did to a confirmation.
#[derive(Debug, PartialEq, Eq)]
pub enum Press {
    /// Too early, or a key it is deaf to.
    Ignored,
    /// The focus moved.
    Moved,
    /// Closed, nothing spent.
    Closed,
    /// Closed, and the user said yes.
    Confirmed(Confirmed),
}

/// When a question listens: not before it was drawn, and then long enough to be seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Arming {
    /// When it was first drawn as it is now.
    drawn_at: Option<Moment>,
}

impl Arming {
    /// It is on the screen since `now`. A terminal may have kept the frame for long, with keys piling up meanwhile.
    pub fn drawn(&mut self, now: Moment) {
        self.drawn_at.get_or_insert(now);
    }

    /// Whether it listens.
    pub fn armed(self, now: Moment) -> bool {
        self.armed_at().is_some_and(|at| now >= at)
    }

    /// When it starts to listen; `None` before it was drawn.
    pub fn armed_at(self) -> Option<Moment> {
        Some(self.drawn_at?.plus_millis(ARMED_AFTER_MS))
    }
}

/// The state of a confirmation popup, apart from what it asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    arming: Arming,
    focus: Button,
}

impl Confirmation {
    /// Opens, with the focus on Cancel. It does not listen before it was drawn.
    pub fn open() -> Self {
        Self {
            arming: Arming::default(),
            focus: Button::Cancel,
        }
    }

    /// It is on the screen since `now`.
    pub fn drawn(&mut self, now: Moment) {
        self.arming.drawn(now);
    }

    /// Arms anew: what it shows has just changed (the track is owned already, say), and is not drawn yet.
    pub fn rearm(&mut self) {
        *self = Self::open();
    }

    /// Where the focus is.
    pub fn focus(&self) -> Button {
        self.focus
    }

    /// Whether it listens.
    pub fn armed(&self, now: Moment) -> bool {
        self.arming.armed(now)
    }

    /// When it starts to listen; `None` before it was drawn.
    pub fn armed_at(&self) -> Option<Moment> {
        self.arming.armed_at()
    }

    /// A key. `y` confirms; arrows, Tab, `h` and `l` move between the buttons; Enter presses the focused one; any other key closes.
    pub fn press(&mut self, key: &KeyPress, now: Moment) -> Press {
        if key.repeated {
            return Press::Ignored;
        }
        if !self.armed(now) {
            // Leaving is always safe, so Esc need not wait.
            return if key.key == Key::Esc { Press::Closed } else { Press::Ignored };
        }
        match key.key {
            _ if key.ctrl || key.alt => Press::Closed,
            Key::Char('y') => Press::Confirmed(Confirmed { _private: () }),
            Key::Left | Key::Right | Key::Tab | Key::BackTab | Key::Char('h' | 'l') => {
                self.focus = match self.focus {
                    Button::Cancel => Button::Spend,
                    Button::Spend => Button::Cancel,
                };
                Press::Moved
            }
            Key::Enter if self.focus == Button::Spend => Press::Confirmed(Confirmed { _private: () }),
            _ => Press::Closed,
        }
    }
}
