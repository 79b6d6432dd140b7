//! Being asked to end, and being put into the background.

use std::io;

use super::screen::Guard;

// Each of these listens from its call on, not only once it is waited for: between the two a signal would end the program at once, and
// leave the screen as it is. They are called where tokio runs.

/// The next one of a stream that listens already; never where it cannot be listened to. Each kind of stream is a type of its own.
macro_rules! coming {
    ($stream:expr) => {{
        let stream = $stream;
        async move {
            match stream {
                Ok(mut stream) => {
                    stream.recv().await;
                }
                Err(_) => std::future::pending().await,
            }
        }
    }};
}

/// Comes back when the system asks the program to end, or somebody interrupts it: SIGTERM, SIGHUP, SIGINT, or the window being closed.
/// It listens from the call on.
pub fn terminated() -> impl Future<Output = ()> + Send + 'static {
    // The keyboard does not send SIGINT in raw mode, but another program can.
    let (ended, interrupted) = (ended(), interrupted());
    async move {
        tokio::select! {
            () = ended => {}
            () = interrupted => {}
        }
    }
}

/// Comes back at an interrupt: SIGINT, or `^c` outside of raw mode. It listens from the call on.
#[cfg(unix)]
pub fn interrupted() -> impl Future<Output = ()> + Send + 'static {
    on(tokio::signal::unix::SignalKind::interrupt())
}

/// Comes back at an interrupt: `^c` outside of raw mode. It listens from the call on.
#[cfg(windows)]
pub fn interrupted() -> impl Future<Output = ()> + Send + 'static {
    coming!(tokio::signal::windows::ctrl_c())
}

/// Comes back when the system asks the program to end: SIGTERM, SIGHUP, or the window being closed. It listens from the call on.
#[cfg(unix)]
pub fn ended() -> impl Future<Output = ()> + Send + 'static {
    use tokio::signal::unix::SignalKind;
    let (term, hup) = (on(SignalKind::terminate()), on(SignalKind::hangup()));
    async move {
        tokio::select! {
            () = term => {}
            () = hup => {}
        }
    }
}

/// Comes back when the system asks the program to end: the window being closed. It listens from the call on.
#[cfg(windows)]
pub fn ended() -> impl Future<Output = ()> + Send + 'static {
    coming!(tokio::signal::windows::ctrl_close())
}

/// Comes back at this signal; never where it cannot be listened to.
#[cfg(unix)]
fn on(kind: tokio::signal::unix::SignalKind) -> impl Future<Output = ()> + Send + 'static {
    coming!(tokio::signal::unix::signal(kind))
}

/// Gives the screen back, stops until `fg`, and takes the screen again.
///
/// # Errors
/// What the terminal says.
#[cfg(unix)]
pub fn suspend(guard: Guard) -> io::Result<Guard> {
    super::screen::give_back();
    let mouse = guard.mouse();
    drop(guard);
    // As the terminal does at ^z: a program that has started this one, as `cargo run` does, stops with it, so that the shell comes back.
    rustix::process::kill_current_process_group(rustix::process::Signal::TSTP)?;
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
