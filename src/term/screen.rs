//! Raw mode and the alternate screen, given back on every way out.

use std::cell::Cell;
use std::io::{self, IsTerminal, Write};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::Show;
use crossterm::event::{
    DisableBracketedPaste, EnableBracketedPaste, KeyboardEnhancementFlags, PopKeyboardEnhancementFlags, PushKeyboardEnhancementFlags,
};
use crossterm::queue;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};

/// Whether the screen is ours now, so that it is given back once and only then.
static OURS: AtomicBool = AtomicBool::new(false);

/// Whether a person sits in front of both ends.
pub fn is_terminal() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Whether somebody can be asked: a command's question is written on standard error.
pub fn can_be_asked() -> bool {
    is_terminal() && io::stderr().is_terminal()
}

/// The screen is ours as long as this lives.
#[derive(Debug)]
pub struct Guard {
    mouse: bool,
}

impl Guard {
    /// Takes the screen, and with it clicks and the wheel if they are wanted.
    ///
    /// # Errors
    /// What the terminal says.
    pub fn take(mouse: bool) -> io::Result<Self> {
        enable_raw_mode()?;
        OURS.store(true, Ordering::SeqCst);
        let guard = Self { mouse };
        enter(&mut io::stdout(), mouse)?;
        Ok(guard)
    }
}

impl Guard {
    /// Whether it took the mouse too.
    pub fn mouse(&self) -> bool {
        self.mouse
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        give_back();
    }
}

/// Gives the screen back, if it is ours.
pub(super) fn give_back() {
    if OURS.swap(false, Ordering::SeqCst) {
        leave(&mut io::stdout());
        let _ = disable_raw_mode();
    }
}

/// Takes everything but raw mode.
fn enter(out: &mut impl Write, mouse: bool) -> io::Result<()> {
    queue!(out, EnterAlternateScreen)?;
    // The console of Windows refuses both (its keys are whole without them), and goes on without. Whether another terminal knows the
    // keyboard protocol is not asked: a silent one would hold up the first frame, and those that do not know it ignore it.
    let _ = queue!(out, EnableBracketedPaste);
    let keyboard = KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES | KeyboardEnhancementFlags::REPORT_EVENT_TYPES;
    let _ = queue!(out, PushKeyboardEnhancementFlags(keyboard));
    if mouse {
        mouse::on(out)?;
    }
    out.flush()
}

/// Gives back everything but raw mode, each apart: one that is refused, as Windows does the keyboard protocol, keeps no other from it.
fn leave(out: &mut impl Write) {
    // Nothing can be done about a terminal that does not listen any more.
    let _ = mouse::off(out);
    let _ = queue!(out, PopKeyboardEnhancementFlags);
    let _ = queue!(out, DisableBracketedPaste);
    let _ = queue!(out, LeaveAlternateScreen);
    let _ = queue!(out, Show);
    let _ = out.flush();
}

/// Clicks, drags and the wheel; not every movement, which would wake the program for nothing.
#[cfg(not(windows))]
mod mouse {
    use std::io::{self, Write};

    /// Buttons, drags and the wheel, with coordinates of any size.
    const ON: &str = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";
    const OFF: &str = "\x1b[?1006l\x1b[?1002l\x1b[?1000l";

    pub(super) fn on(out: &mut impl Write) -> io::Result<()> {
        out.write_all(ON.as_bytes())
    }

    pub(super) fn off(out: &mut impl Write) -> io::Result<()> {
        out.write_all(OFF.as_bytes())
    }
}

/// The mouse is a mode of the console there, and knows no choice.
#[cfg(windows)]
mod mouse {
    use std::io::{self, Write};

    use crossterm::event::{DisableMouseCapture, EnableMouseCapture};
    use crossterm::queue;

    pub(super) fn on(out: &mut impl Write) -> io::Result<()> {
        queue!(out, EnableMouseCapture)
    }

    pub(super) fn off(out: &mut impl Write) -> io::Result<()> {
        queue!(out, DisableMouseCapture)
    }
}

thread_local! {
    /// A panic of this thread is dealt with by who called [`contain`].
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Runs work that is fed by strangers and may panic on what they sent. Such a panic is an error of theirs, not the end of the program.
///
/// # Errors
/// The panic.
pub fn contain<T>(work: impl FnOnce() -> T) -> std::thread::Result<T> {
    CONTAINED.set(true);
    let done = std::panic::catch_unwind(AssertUnwindSafe(work));
    CONTAINED.set(false);
    done
}

/// A panic in any thread gives the screen back before it says anything, and ends the program.
pub fn install_panic_hook() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if CONTAINED.get() {
            tracing::error!("contained: {info}");
            return;
        }
        let was_ours = OURS.load(Ordering::SeqCst);
        give_back();
        super::log::restore_stderr();
        before(info);
        if was_ours {
            // A half-dead interface would look alive. The ledger settles whatever was in flight at the next start.
            std::process::exit(101);
        }
    }));
}

#[cfg(test)]
#[cfg(not(windows))]
mod tests {
    use super::*;

    const PUSH: &str = "\x1b[>3u";
    const POP: &str = "\x1b[<1u";
    const ENTER: [&str; 5] = ["\x1b[?1049h", "\x1b[?2004h", PUSH, "\x1b[?1002h", "\x1b[?1006h"];
    const LEAVE: [&str; 6] = ["\x1b[?1006l", "\x1b[?1002l", POP, "\x1b[?2004l", "\x1b[?1049l", "\x1b[?25h"];

    /// A terminal that refuses whatever has to do with its keyboard, as Windows does.
    struct WithoutKeyboard(Vec<u8>);

    impl Write for WithoutKeyboard {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if bytes.starts_with(b"\x1b[>") || bytes.starts_with(b"\x1b[<") {
                return Err(io::ErrorKind::Unsupported.into());
            }
            self.0.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn everything_that_is_taken_is_given_back() {
        let mut out = Vec::new();
        enter(&mut out, true).unwrap();
        let entered = String::from_utf8(std::mem::take(&mut out)).unwrap();
        for sequence in ENTER {
            assert!(entered.contains(sequence), "{sequence:?} is missing: {entered:?}");
        }
        leave(&mut out);
        let left = String::from_utf8(out).unwrap();
        for sequence in LEAVE {
            assert!(left.contains(sequence), "{sequence:?} is missing: {left:?}");
        }
    }

    #[test]
    fn where_the_keyboard_protocol_is_refused_all_else_is_taken_and_given_back() {
        let mut out = WithoutKeyboard(Vec::new());
        enter(&mut out, true).unwrap();
        let entered = String::from_utf8(std::mem::take(&mut out.0)).unwrap();
        for sequence in ENTER {
            assert_eq!(entered.contains(sequence), sequence != PUSH, "{sequence:?}: {entered:?}");
        }
        leave(&mut out);
        let left = String::from_utf8(out.0).unwrap();
        for sequence in LEAVE {
            assert_eq!(left.contains(sequence), sequence != POP, "{sequence:?}: {left:?}");
        }
    }
}
