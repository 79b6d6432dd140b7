//! Being asked to end, and being put into the background.

use std::io;

use super::screen::{Guard, give_back};

/// Comes back when the system asks the program to end, or somebody interrupts it: SIGTERM, SIGHUP, SIGINT, or the window being closed.
pub async fn terminated() {
    tokio::select! {
        () = ended() => {}
        // The keyboard does not send it in raw mode, but another program can, and it would leave the screen as it is.
        () = interrupted() => {}
    }
}

/// Comes back at an interrupt: SIGINT, or `^c` outside of raw mode.
pub async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Comes back when the system asks the program to end: SIGTERM, SIGHUP, or the window being closed.
#[cfg(unix)]
pub async fn ended() {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::hangup()));
    let (Ok(mut term), Ok(mut hup)) = signals else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = hup.recv() => {}
    }
}

/// Comes back when the system asks the program to end: the window being closed.
#[cfg(windows)]
pub async fn ended() {
    match tokio::signal::windows::ctrl_close() {
        Ok(mut close) => drop(close.recv().await),
        Err(_) => std::future::pending().await,
    }
}

/// Gives the screen back, stops until `fg`, and takes the screen again.
///
/// # Errors
/// What the terminal says.
#[cfg(unix)]
pub fn suspend(guard: Guard) -> io::Result<Guard> {
    give_back();
    let mouse = guard.mouse();
    drop(guard);
    rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::TSTP)?;
    Guard::take(mouse)
}

/// There is no background to go to.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn suspend(guard: Guard) -> io::Result<Guard> {
    Ok(guard)
}
