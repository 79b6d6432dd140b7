//! Where no sound server is known: there is none, so everything plays on a card.

use std::ffi::CString;
use std::sync::mpsc::Sender;
use std::time::Duration;

use rodio::mixer::Mixer;

use crate::audio::player::Message;

/// There is none.
pub(super) enum Server {}

/// A device of none.
pub(super) struct Sink {
    pub(super) name: CString,
    pub(super) description: String,
}

/// A stream of none.
pub(super) enum Stream {}

impl Server {
    #[allow(clippy::unnecessary_wraps, reason = "where there are servers, one may refuse")]
    pub(super) fn connect() -> Result<Option<Self>, String> {
        Ok(None)
    }

    pub(super) fn sinks(&mut self) -> Result<Vec<Sink>, String> {
        match *self {}
    }

    pub(super) fn default_sink(&mut self) -> Result<CString, String> {
        match *self {}
    }

    pub(super) fn play(self, _sink: Option<CString>, _frames: u32, _opening: u64, _messages: Sender<Message>) -> Result<Stream, String> {
        match self {}
    }
}

impl Stream {
    pub(super) fn mixer(&self) -> &Mixer {
        match *self {}
    }

    pub(super) fn held(&self) -> Duration {
        match *self {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_reached_and_nobody_has_refused() {
        assert!(matches!(Server::connect(), Ok(None)));
    }
}
