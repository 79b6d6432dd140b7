//! Whether a terminal shows what is typed: not while that is a key.

use std::io;

#[cfg(unix)]
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// The terminal at standard input does not show what is typed as long as this lives. Then it is as it was before.
#[derive(Debug)]
pub struct Unseen {
    #[cfg(unix)]
    before: Termios,
    #[cfg(not(unix))]
    _never: std::convert::Infallible,
}

impl Unseen {
    /// Has the terminal not show what is typed.
    ///
    /// # Errors
    /// What the system says.
    #[cfg(unix)]
    pub fn begin() -> io::Result<Self> {
        let terminal = rustix::stdio::stdin();
        let before = tcgetattr(terminal)?;
        let mut modes = before.clone();
        modes.local_modes.remove(LocalModes::ECHO);
        tcsetattr(terminal, OptionalActions::Now, &modes)?;
        Ok(Self { before })
    }

    /// Has the terminal not show what is typed.
    ///
    /// # Errors
    /// Always: there is no way to it here.
    #[cfg(not(unix))]
    pub fn begin() -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(unix)]
impl Drop for Unseen {
    fn drop(&mut self) {
        // Nothing can be done about a terminal that is gone.
        let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &self.before);
    }
}
