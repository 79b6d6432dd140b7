//! Raw mode and the alternate screen, given back on every way out.

use std::cell::Cell;
use std::io::{self, IsTerminal, Write};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::Show;
use crossterm::event::{
    DisableBracketedPaste, EnableBracketedPaste, KeyboardEnhancementFlags, PopKeyboardEnhancementFlags, PushKeyboardEnhancementFlags,
};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use crossterm::{execute, queue};

/// Whether the screen is ours now, so that it is given back once and only then.
static OURS: AtomicBool = AtomicBool::new(false);

/// Buttons, drags and the wheel, with coordinates of any size.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1002l\x1b[?1000l";

/// Whether a person sits in front of both ends.
pub fn is_terminal() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
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
        let mut out = io::stdout();
        // Whether the terminal knows the keyboard protocol is not asked: a silent terminal would hold up the first frame, and those that
        // do not know it ignore it.
        queue!(
            out,
            EnterAlternateScreen,
            EnableBracketedPaste,
            PushKeyboardEnhancementFlags(
                KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES | KeyboardEnhancementFlags::REPORT_EVENT_TYPES
            )
        )?;
        if mouse {
            // Clicks, drags and the wheel; not every movement, which would wake the program for nothing.
            out.write_all(MOUSE_ON.as_bytes())?;
        }
        out.flush()?;
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
        // Nothing can be done about a terminal that does not listen any more.
        let _ = io::stdout().write_all(MOUSE_OFF.as_bytes());
        let _ = execute!(
            io::stdout(),
            PopKeyboardEnhancementFlags,
            DisableBracketedPaste,
            LeaveAlternateScreen,
            Show
        );
        let _ = disable_raw_mode();
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
