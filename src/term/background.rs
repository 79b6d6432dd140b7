//! Whether the terminal's background is light: asked once, and never waited for.
//!
//! The answer to OSC 11 comes like typed keys: `Alt-]`, its characters, and `^g` or `Alt-\`. They are picked out of the events for
//! a few seconds, so that a slow connection neither holds up the program nor types into the query box; after that an `Alt-]` is the
//! user's own.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// The question.
const QUESTION: &str = "\x1b]11;?\x07";
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// No answer is longer, in characters.
const LONGEST: usize = 40;

/// Asks the terminal for its background.
///
/// # Errors
/// What the terminal says.
pub fn ask_background() -> io::Result<()> {
    let mut out = io::stdout();
    out.write_all(QUESTION.as_bytes())?;
    out.flush()
}

/// What an event turned out to be.
#[derive(Debug, PartialEq)]
pub enum Picked {
    /// Events of the user, to be passed on.
    Events(Vec<Event>),
    /// The whole answer: is the background light?
    Light(bool),
}

/// Picks the answer out of the events.
#[derive(Debug)]
pub struct Background {
    asked: Option<Instant>,
    held: Vec<Event>,
    text: String,
}

impl Background {
    /// Waits for an answer to a question that was put at this time; `None`: nothing was asked, and every event is the user's.
    pub fn new(asked: Option<Instant>) -> Self {
        Self {
            asked,
            held: Vec::new(),
            text: String::new(),
        }
    }

    /// Takes the next event, which came at this time.
    pub fn pick(&mut self, event: Event, now: Instant) -> Picked {
        if self.asked.is_none_or(|asked| now > asked + PATIENCE) && self.held.is_empty() {
            return Picked::Events(vec![event]);
        }
        let Some(key) = pressed(&event) else {
            // The mouse and the window have nothing to do with it.
            return Picked::Events(vec![event]);
        };
        match (self.held.is_empty(), key) {
            (true, (KeyCode::Char(']'), KeyModifiers::ALT)) => {
                self.held.push(event);
                Picked::Events(Vec::new())
            }
            (true, _) => Picked::Events(vec![event]),
            (false, (KeyCode::Char('g'), KeyModifiers::CONTROL) | (KeyCode::Char('\\'), KeyModifiers::ALT)) => match light(&self.text) {
                Some(light) => {
                    self.asked = None;
                    self.held.clear();
                    Picked::Light(light)
                }
                None => self.give_back(event),
            },
            (false, (KeyCode::Char(c), _)) if self.text.len() < LONGEST && begins_like_one(&self.text, c) => {
                self.text.push(c);
                self.held.push(event);
                Picked::Events(Vec::new())
            }
            (false, _) => self.give_back(event),
        }
    }

    /// It was no answer: the user has typed it.
    fn give_back(&mut self, event: Event) -> Picked {
        let mut events = std::mem::take(&mut self.held);
        self.text.clear();
        events.push(event);
        Picked::Events(events)
    }
}

/// A key that went down, and with what.
fn pressed(event: &Event) -> Option<(KeyCode, KeyModifiers)> {
    match event {
        Event::Key(KeyEvent { code, modifiers, kind, .. }) if *kind != KeyEventKind::Release => {
            Some((*code, *modifiers - KeyModifiers::SHIFT))
        }
        _ => None,
    }
}

fn begins_like_one(text: &str, next: char) -> bool {
    const HEAD: &str = "11;rgb";
    match HEAD.chars().nth(text.chars().count()) {
        Some(expected) => next == expected,
        None => next.is_ascii_hexdigit() || matches!(next, ':' | '/' | 'a'),
    }
}

/// Whether an answer such as `11;rgb:ffff/ffff/ffff` means a light colour: brighter than the middle, as eyes see it.
fn light(text: &str) -> Option<bool> {
    let (_, colours) = text.split_once(':')?;
    let mut parts = colours.split('/').map(|part| {
        let most = 16_u32
            .checked_pow(u32::try_from(part.len()).ok()?)?
            .checked_sub(1)
            .filter(|most| *most > 0)?;
        Some(f64::from(u32::from_str_radix(part, 16).ok()?) / f64::from(most))
    });
    let (red, green, blue) = (parts.next()??, parts.next()??, parts.next()??);
    Some(0.299 * red + 0.587 * green + 0.114 * blue > 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(c: char, modifiers: KeyModifiers) -> Event {
        Event::Key(KeyEvent::new(KeyCode::Char(c), modifiers))
    }

    /// The events of these characters, with what opens and ends an answer written as `]` and `$`.
    fn events(text: &str) -> Vec<Event> {
        let event = |c| match c {
            ']' => key(']', KeyModifiers::ALT),
            '$' => key('g', KeyModifiers::CONTROL),
            '%' => key('\\', KeyModifiers::ALT),
            c => key(c, KeyModifiers::NONE),
        };
        text.chars().map(event).collect()
    }

    fn picked(asked: Option<Instant>, now: Instant, text: &str) -> (Vec<Event>, Option<bool>) {
        let mut background = Background::new(asked);
        let (mut passed, mut answer) = (Vec::new(), None);
        for event in events(text) {
            match background.pick(event, now) {
                Picked::Events(events) => passed.extend(events),
                Picked::Light(light) => answer = Some(light),
            }
        }
        (passed, answer)
    }

    #[test]
    fn answers_are_understood_and_nothing_of_them_is_typed() {
        let now = Instant::now();
        for (answer, light) in [
            ("]11;rgb:ffff/ffff/ffff$", true),
            ("]11;rgb:fdfd/f6f6/e3e3%", true),
            ("]11;rgb:0000/0000/0000$", false),
            ("]11;rgb:1e/1e/2e$", false),
            ("]11;rgba:ff/ff/ff/ff$", true),
        ] {
            let (passed, answered) = picked(Some(now), now, &format!("calm {answer}piano"));
            assert_eq!((passed, answered), (events("calm piano"), Some(light)), "{answer}");
        }
    }

    #[test]
    fn what_the_user_types_is_never_lost() {
        let now = Instant::now();
        for typed in [
            "]x",
            "]11;rgx",
            "]11;rgb:zz$",
            "]$",
            "]]",
            "]11;rgb:12/34$",
            "]11;rgb:ffff/ffff/ffff/ffff/ffff/ffff/ffff/ffff/ffff$",
        ] {
            // Something follows, or what was held back would still be held back.
            let (passed, answer) = picked(Some(now), now, &format!("{typed}."));
            assert_eq!((passed, answer), (events(&format!("{typed}.")), None), "{typed}");
        }
        let late = now + PATIENCE + Duration::from_secs(1);
        assert_eq!(picked(Some(now), late, "]").0, events("]"));
        assert_eq!(picked(None, now, "]").0, events("]"));
    }
}
