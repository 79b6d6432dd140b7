//! Line breaks of pasted text, where the terminal does not tell what is pasted: the console of Windows hands it on key by key.

use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind};

/// Nobody presses Enter this soon after another key.
const SOON: Duration = Duration::from_millis(20);

/// Tells a line break of pasted text from an Enter that is pressed, by how soon it follows the key before it.
///
/// When in doubt it is a line break: an Enter can be pressed again, a credit is gone.
#[derive(Debug, Default)]
pub(super) struct Pasted {
    /// When the last key went down.
    last: Option<Instant>,
}

impl Pasted {
    /// What an event is that came at this time: itself, or the paste of a line break.
    pub(super) fn tell(&mut self, event: Event, now: Instant) -> Event {
        let Event::Key(KeyEvent { code, kind, .. }) = event else {
            return event;
        };
        if kind == KeyEventKind::Release {
            return event;
        }
        let soon = self.last.replace(now).is_some_and(|last| now < last + SOON);
        if soon && code == KeyCode::Enter {
            return Event::Paste("\n".to_owned());
        }
        event
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyModifiers;

    use super::*;

    /// A key at this time in milliseconds, with its release in the same moment, as pasted text has it.
    fn told(keys: &[(KeyCode, u64)]) -> Vec<Event> {
        let (start, mut pasted) = (Instant::now(), Pasted::default());
        let mut told = Vec::new();
        for (code, millis) in keys {
            let now = start + Duration::from_millis(*millis);
            told.push(pasted.tell(Event::Key(KeyEvent::new(*code, KeyModifiers::NONE)), now));
            let up = KeyEvent::new_with_kind(*code, KeyModifiers::NONE, KeyEventKind::Release);
            assert_eq!(pasted.tell(Event::Key(up), now), Event::Key(up));
        }
        told
    }

    fn key(code: KeyCode) -> Event {
        Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
    }

    #[test]
    fn a_line_break_amid_pasted_text_is_no_enter() {
        let (one, other) = (KeyCode::Char('m'), KeyCode::Char('p'));
        let line_break = Event::Paste("\n".to_owned());
        assert_eq!(
            told(&[(one, 0), (KeyCode::Enter, 1), (KeyCode::Enter, 2), (other, 3), (KeyCode::Enter, 4)]),
            [key(one), line_break.clone(), line_break.clone(), key(other), line_break]
        );
    }

    #[test]
    fn an_enter_that_is_pressed_stays_one() {
        let (letter, enter) = (KeyCode::Char('o'), KeyCode::Enter);
        assert_eq!(
            told(&[(enter, 0), (letter, 500), (enter, 520), (letter, 521)]),
            [key(enter), key(letter), key(enter), key(letter)]
        );
    }

    #[test]
    fn a_new_size_of_the_window_is_no_key() {
        let (now, mut pasted) = (Instant::now(), Pasted::default());
        assert_eq!(pasted.tell(Event::Resize(80, 24), now), Event::Resize(80, 24));
        assert_eq!(pasted.tell(key(KeyCode::Enter), now), key(KeyCode::Enter));
    }
}
