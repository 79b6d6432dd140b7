//! What a message is about: whether something of it is told, and what.

use std::time::Duration;

use crate::app::{BatchNews, DownloadNews, Message, SearchNews};
use crate::audio::{DeviceEvent, Event, Ticket};
use crate::state::{BatchId, Download, Popup, State};

/// What a message is about, as far as it is told.
pub(super) enum About {
    Nothing,
    NoKey,
    Answer,
    Waiting(Duration),
    Price,
    Found,
    Download(Download),
    /// One ask of a batch was answered, by its number from 0.
    Brief(BatchId, usize),
    Started,
    Ended,
    NotPlayed(String),
    Silent(String),
    Usage,
    Receipts,
    Project,
    /// A file of briefs was read, or it could not be.
    Briefs {
        opened: bool,
    },
    Alike,
    Account,
}

impl About {
    pub(super) fn of(message: &Message, state: &State) -> Self {
        let plays = |ticket: &Ticket| ticket.0 == state.player.ticket;
        match message {
            Message::NoKey { .. } => Self::NoKey,
            Message::Search(generation, news) => {
                let running = state.results.running.as_ref().filter(|running| running.generation == *generation);
                match (news, running) {
                    (SearchNews::Waiting(wait), Some(_)) => Self::Waiting(*wait),
                    (SearchNews::Answered { .. }, Some(running)) if !running.adds_page => Self::Answer,
                    _ => Self::Nothing,
                }
            }
            Message::Download(id, news) => match news {
                DownloadNews::Waiting(wait) => Self::Waiting(*wait),
                DownloadNews::Sent => state
                    .downloads
                    .iter()
                    .find(|download| download.id == *id)
                    .map_or(Self::Nothing, |download| Self::Download(download.clone())),
                _ => Self::Nothing,
            },
            Message::Batch(id, news) => match news {
                BatchNews::Waiting(wait) => Self::Waiting(*wait),
                BatchNews::Answered { number, .. } => Self::Brief(*id, *number),
                _ => Self::Nothing,
            },
            Message::Priced(..) => Self::Price,
            Message::Matched(generation, _) if *generation == state.live.generation => Self::Found,
            Message::Audio(Event::Started(ticket)) if plays(ticket) => Self::Started,
            Message::Audio(Event::Ended(ticket)) if plays(ticket) => Self::Ended,
            Message::Audio(Event::Failed(ticket, why, _)) if plays(ticket) => Self::NotPlayed(why.clone()),
            Message::Audio(Event::Device(DeviceEvent::Silent(why))) => Self::Silent(why.clone()),
            // It follows the history, whether that could be had or not.
            Message::SpentThisWeek(_) => Self::Usage,
            Message::Receipts(_) => Self::Receipts,
            Message::Project(_) => Self::Project,
            Message::Briefs(answer) => Self::Briefs { opened: answer.is_ok() },
            Message::Alike(..) => Self::Alike,
            Message::Account(_) => Self::Account,
            Message::Unavailable(_) => Self::not_to_be_had(state),
            _ => Self::Nothing,
        }
    }

    /// There is no server: what waits for one is told why, as if its answer had come.
    fn not_to_be_had(state: &State) -> Self {
        match state.popups.last() {
            Some(Popup::Usage(view)) if view.loading => Self::Usage,
            Some(Popup::Receipts(view)) if view.loading => Self::Receipts,
            Some(Popup::Shortlist(view)) if view.loading => Self::Project,
            Some(Popup::Briefs(view)) if view.loading => Self::Briefs { opened: false },
            Some(Popup::Alike(view)) if view.loading => Self::Alike,
            Some(Popup::Account) => Self::Account,
            _ => Self::Price,
        }
    }
}
