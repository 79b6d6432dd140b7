//! What the monkey does: events at the terminal, and faults of the server.

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use serde_json::{Value, json};
use trackyard_tui::sandbox::{Fault, Faults, Target};

use crate::dice::Dice;

const WORDS: &[&str] = &["calm piano", "slow jazz", "dark techno", "rain", "épique 管弦楽", "happy ukulele"];
/// Text from a place that means no good.
pub const HOSTILE: &[&str] = &[
    "\u{1b}[31mred\u{1b}]0;title\u{7}",
    "line\nbreak\r\ntab\t",
    "\u{202e}desrever\u{2066}x",
    "zero\u{200b}width\u{feff}\u{200d}",
    "\u{9b}31m\u{85}c1",
    "\0nul",
    "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
];

fn key(code: KeyCode, modifiers: KeyModifiers, kind: KeyEventKind) -> Event {
    Event::Key(KeyEvent::new_with_kind(code, modifiers, kind))
}

fn press(code: KeyCode) -> Event {
    key(code, KeyModifiers::NONE, KeyEventKind::Press)
}

fn typed(text: &str) -> Vec<Event> {
    text.chars().map(|c| press(KeyCode::Char(c))).collect()
}

/// From wherever it is to the question of the download.
pub fn question() -> Vec<Event> {
    let mut events = vec![Event::Resize(140, 42)];
    events.extend((0..4).map(|_| press(KeyCode::Esc)));
    events.extend(typed("jd"));
    events
}

/// The answer that spends.
pub fn yes() -> Event {
    press(KeyCode::Char('y'))
}

/// The next few events.
pub fn events(dice: &mut Dice) -> Vec<Event> {
    match dice.below(40) {
        // A search as a person asks it.
        0..=3 => {
            let mut events = vec![press(KeyCode::Esc), press(KeyCode::Char('/'))];
            events.push(key(KeyCode::Char('u'), KeyModifiers::CONTROL, KeyEventKind::Press));
            events.extend(typed(dice.word(WORDS)));
            if dice.one_in(3) {
                events.extend(typed(&format!(" {}", dice.below(6))));
            }
            events.push(press(KeyCode::Enter));
            events
        }
        // A download, with the answer at once or later.
        4..=6 => typed("d"),
        7..=9 => typed(dice.word(&["y", "n", "l", "h"])),
        10 => typed(dice.word(&[">", "A", "s", "p", "X", "u", "L", "?", ":", "!"])),
        11 => vec![press(KeyCode::F(5))],
        12 => vec![Event::Paste(dice.word(&["y", "\r", "y\n", "/piano\r"]).to_owned())],
        13 => vec![Event::Paste(dice.word(HOSTILE).repeat(1 + dice.below(300)))],
        14..=15 => {
            let size = *dice.pick(&[
                (140, 42),
                (80, 24),
                (40, 12),
                (30, 8),
                (29, 7),
                (1, 1),
                (100, 30),
                (59, 14),
                (500, 200),
            ]);
            vec![Event::Resize(size.0, size.1)]
        }
        // Held keys and the letting go of them are no consent.
        16..=17 => {
            let code = *dice.pick(&[KeyCode::Char('y'), KeyCode::Enter, KeyCode::Char('d'), KeyCode::Char('j')]);
            vec![
                key(code, KeyModifiers::NONE, KeyEventKind::Repeat),
                key(code, KeyModifiers::NONE, KeyEventKind::Release),
            ]
        }
        18..=24 => {
            let keys = [
                KeyCode::Enter,
                KeyCode::Esc,
                KeyCode::Tab,
                KeyCode::BackTab,
                KeyCode::Backspace,
                KeyCode::Delete,
                KeyCode::Left,
                KeyCode::Right,
                KeyCode::Up,
                KeyCode::Down,
                KeyCode::Home,
                KeyCode::End,
                KeyCode::PageUp,
                KeyCode::PageDown,
            ];
            vec![press(*dice.pick(&keys))]
        }
        25 => {
            let letter = (b'a' + dice.below(26) as u8) as char;
            // ^c and ^z are given by the session, now and then.
            let letter = if matches!(letter, 'c' | 'z') { 'l' } else { letter };
            vec![key(KeyCode::Char(letter), KeyModifiers::CONTROL, KeyEventKind::Press)]
        }
        26 => {
            let kind = *dice.pick(&[
                MouseEventKind::Down(MouseButton::Left),
                MouseEventKind::ScrollDown,
                MouseEventKind::ScrollUp,
            ]);
            vec![Event::Mouse(MouseEvent {
                kind,
                column: dice.below(150) as u16,
                row: dice.below(45) as u16,
                modifiers: KeyModifiers::NONE,
            })]
        }
        27..=30 => typed(&"j".repeat(1 + dice.below(12))),
        _ => {
            let printable = (b' ' + dice.below(95) as u8) as char;
            typed(&printable.to_string())
        }
    }
}

/// Changes what the server does wrong.
pub fn faults(dice: &mut Dice, faults: &Faults) {
    faults.clear();
    // Music is made on demand; a monkey would wait for it more than anything else.
    faults.add(
        Target::Preview,
        dice.pick(&[Fault::Status(404), Fault::Reset, Fault::StatusHtml(502)]).clone(),
    );
    let target = *dice.pick(&[Target::Search, Target::Download, Target::Me, Target::Usage]);
    match dice.below(16) {
        0..=4 => {}
        5 => faults.add(target, Fault::Status(*dice.pick(&[400, 401, 402, 403, 404, 429, 500, 503]))),
        6 => faults.add(target, Fault::StatusHtml(*dice.pick(&[500, 502, 503, 504]))),
        7 => faults.add(target, Fault::Reset),
        8 => faults.add(target, Fault::ChargedReset),
        9 => faults.add(target, Fault::ChargedBadGateway),
        10 => faults.add(target, Fault::TruncateBody(dice.below(5000) as u64)),
        11 => faults.add(target, Fault::EmptyBody),
        12 => faults.add(
            Target::Download,
            dice.pick(&[Fault::JsonForAudio, Fault::HtmlForAudio, Fault::NoContentLength])
                .clone(),
        ),
        13 => {
            faults.add(target, Fault::Status(429));
            let wait = dice.word(&["0", "1", "-5", "99999999999999999999", "soon", "", "Wed, 21 Oct 2015 07:28:00 GMT"]);
            faults.add(target, Fault::RetryAfter(wait.to_owned()));
        }
        14 => {
            let seed = dice.throw();
            faults.add(target, Fault::mangle(move |answer| mangle(answer, &mut Dice::new(seed))));
        }
        _ => {
            faults.add(target, Fault::Latency(Duration::from_millis(dice.below(80) as u64)));
            faults.add(target, Fault::NoRateHeaders);
        }
    }
}

/// Puts what does not belong there somewhere into an answer.
fn mangle(answer: &mut Value, dice: &mut Dice) {
    let wrong = match dice.below(6) {
        0 => Value::Null,
        1 => json!(-1.5e300),
        2 => json!({"not": ["what", "was", "expected"]}),
        3 => json!(dice.word(HOSTILE)),
        4 => json!(dice.word(HOSTILE).repeat(2000)),
        _ => json!([]),
    };
    let mut place = answer;
    for _ in 0..dice.below(5) {
        let next = match place {
            Value::Object(fields) if !fields.is_empty() => {
                let which = dice.below(fields.len());
                fields.values_mut().nth(which)
            }
            Value::Array(items) if !items.is_empty() => {
                let which = dice.below(items.len());
                items.get_mut(which)
            }
            _ => return,
        };
        match next {
            Some(deeper) => place = deeper,
            None => return,
        }
    }
    *place = wrong;
}
