//! Downloads: started by a confirmation, followed to the end.

use std::path::PathBuf;
use std::sync::Arc;

use super::status::say;
use super::{Effect, search, tasks};
use crate::api::{DownloadRequest, Track};
use crate::app::DownloadNews;
use crate::spend::Permit;
use crate::state::{Download, DownloadId, DownloadPhase, Rehearsed, Severity, State};

/// Starts a download.
pub(super) fn start(
    state: &mut State,
    permit: Permit<DownloadRequest>,
    track: Arc<Track>,
    folder: PathBuf,
    rehearsed: Option<Rehearsed>,
    effects: &mut Vec<Effect>,
) {
    let id = DownloadId(state.next_number());
    state.downloads.push(Download {
        id,
        track: track.clone(),
        rehearsed,
        phase: DownloadPhase::Queued,
    });
    effects.push(Effect::Download { id, permit, track, folder });
}

/// News of a download.
pub(super) fn news(state: &mut State, id: DownloadId, news: DownloadNews, effects: &mut Vec<Effect>) {
    let Some(download) = state.downloads.iter_mut().find(|download| download.id == id) else {
        return;
    };
    match news {
        // Whether it was sent before or not: it did not count, so it can be cancelled.
        DownloadNews::Waiting(wait) => {
            state.account.waiting_until = Some(state.now.plus_millis(wait.as_millis() as u64));
            download.phase = DownloadPhase::Queued;
        }
        DownloadNews::Again => download.phase = DownloadPhase::Queued,
        DownloadNews::Sent => {
            state.account.waiting_until = None;
            download.phase = DownloadPhase::Receiving { received: 0, total: None };
        }
        DownloadNews::Receiving { received, total } => download.phase = DownloadPhase::Receiving { received, total },
        DownloadNews::Done(bought) => {
            download.phase = DownloadPhase::Done(bought.path.clone());
            if let Some(rehearsed) = download.rehearsed.clone().filter(|_| bought.credits_spent > 0) {
                effects.push(Effect::Measure {
                    id,
                    path: bought.path.clone(),
                    sha256: bought.sha256.clone(),
                    rehearsed,
                });
            }
            state.marks.owned.insert(download.track.id.clone());
            state.account.spent += u64::from(bought.credits_spent);
            state.account.take_limits(&bought.limits);
            let mut text = if bought.credits_spent == 0 {
                format!("Owned already, nothing spent: {}", bought.path.display())
            } else {
                format!("Saved for 1 credit: {}", bought.path.display())
            };
            if let Some(note) = &bought.note {
                text = format!("{text} ({note})");
            }
            say(state, Severity::Success, text);
            tasks::ended(state, id, effects);
        }
        DownloadNews::Failed(failed) => {
            state.account.waiting_until = None;
            download.phase = DownloadPhase::Failed(failed.text.clone());
            search::count(state, &failed);
            say(state, Severity::Error, failed.text);
            // Whoever has cancelled it is there, and knows.
            if !failed.cancelled {
                tasks::ended(state, id, effects);
            }
        }
    }
}
