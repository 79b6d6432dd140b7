//! Whether a terminal shows what is typed: not while that is a key.

use std::io;

/// Has the terminal at standard input show what is typed, or not.
///
/// # Errors
/// What the system says; there is no way to it on systems other than Unix.
#[cfg(unix)]
pub fn echo(on: bool) -> io::Result<()> {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
    let terminal = rustix::stdio::stdin();
    let mut modes = tcgetattr(terminal)?;
    modes.local_modes.set(LocalModes::ECHO, on);
    tcsetattr(terminal, OptionalActions::Now, &modes)?;
    Ok(())
}

/// Has the terminal at standard input show what is typed, or not.
///
/// # Errors
/// Always: there is no way to it here.
#[cfg(not(unix))]
pub fn echo(on: bool) -> io::Result<()> {
    if on { Ok(()) } else { Err(io::ErrorKind::Unsupported.into()) }
}
