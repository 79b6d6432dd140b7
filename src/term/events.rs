//! What the terminal reports: keys, the mouse, pasted text, new sizes.

use std::io;
use std::thread;
use std::time::Instant;

use crossterm::event::{Event, read};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::pasted::Pasted;

/// Events of the terminal, or why there are no more.
pub type Events = UnboundedReceiver<io::Result<Event>>;

/// Reads the terminal on a thread of its own, until nobody listens or it cannot be read any more.
///
/// The terminal library's stream for asynchronous programs can be woken by something else while a key arrives, and then
/// forgets the key until the next one.
///
/// # Errors
/// Where no thread can be started.
pub fn events() -> io::Result<Events> {
    let (sender, events) = unbounded_channel();
    thread::Builder::new().name("terminal".into()).spawn(move || {
        let mut pasted = Pasted::default();
        loop {
            let mut event = read();
            // Other terminals say themselves what is pasted.
            if cfg!(windows) {
                event = event.map(|event| pasted.tell(event, Instant::now()));
            }
            let failed = event.is_err();
            if sender.send(event).is_err() || failed {
                return;
            }
        }
    })?;
    Ok(events)
}
