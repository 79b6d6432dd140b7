//! What can be done now: one answer for the help page, the palette and the hints at the foot.

use super::{DownloadPhase, Focus, Phase, Price, State};
use crate::api::{Filters, TrackId};
use crate::input::{Action, Context};

const NO_TRACK: &str = "there is no track";
const SILENCE: &str = "nothing plays";
const NOT_ASKED: &str = "ask something first";
const ON_ITS_WAY: &str = "a search is on its way";

/// Rows that are looked at to see whether there is one that was not heard.
const LOOKED_AT: usize = 500;

impl Focus {
    /// Where a key is pressed while this has the focus and no popup is open.
    pub fn context(self) -> Context {
        match self {
            Self::Query => Context::Query,
            Self::Filters => Context::Filters,
            Self::Results => Context::Results,
        }
    }
}

impl State {
    /// Whether an action does something now.
    pub fn is_possible(&self, action: Action) -> bool {
        self.why_not(action).is_none()
    }

    /// Why an action does nothing now, in a few words; `None` where it does something. Popups are left out of account: the help and the
    /// palette, which ask, are some themselves.
    pub fn why_not(&self, action: Action) -> Option<&'static str> {
        match action.context() {
            Context::Global => self.why_not_anywhere(action),
            Context::Query => self.why_not_in_the_query_box(action),
            Context::Filters => self.why_not_in_the_filters(action),
            Context::Results => self.why_not_in_the_results(action),
        }
    }

    fn why_not_anywhere(&self, action: Action) -> Option<&'static str> {
        match action {
            Action::Message if self.status.last.is_none() => Some("nothing was said yet"),
            Action::Back if !self.has_something_to_leave() => Some("nothing to leave"),
            _ => None,
        }
    }

    fn has_something_to_leave(&self) -> bool {
        let queued = || self.downloads.iter().any(|download| download.phase == DownloadPhase::Queued);
        self.focus != Focus::Results || self.live.shown() || self.results.running.is_some() || queued()
    }

    fn why_not_in_the_query_box(&self, action: Action) -> Option<&'static str> {
        let query = &self.query;
        match action {
            Action::Ask if query.text().trim().is_empty() => Some("nothing is typed"),
            Action::Ask => matches!(query.price, Price::Invalid(_) | Price::Refused(_)).then_some("it cannot be asked now"),
            Action::ClearQuery => query.text().is_empty().then_some("nothing is typed"),
            Action::IntoRows => self.selected().is_none().then_some(NO_TRACK),
            Action::EarlierQuery => query.history.is_empty().then_some("nothing was asked yet"),
            Action::ShowNear => query.near.is_none().then_some("nothing like it is kept"),
            Action::UseWords | Action::DropWord => self.live.chips().next().is_none().then_some("no word means a filter"),
            _ => None,
        }
    }

    fn why_not_in_the_filters(&self, action: Action) -> Option<&'static str> {
        match action {
            Action::FilterClear if !self.filters.row_is_set() => Some("it is not set"),
            Action::FilterClearAll if self.filters.active == Filters::default() => Some("no filter is set"),
            _ => None,
        }
    }

    fn why_not_in_the_results(&self, action: Action) -> Option<&'static str> {
        let no_track = self.selected().is_none();
        match action {
            Action::Repeat | Action::VolumeUp | Action::VolumeDown | Action::Mute | Action::EvenLoudness | Action::AutoAudition => None,
            Action::PlayPause => {
                let silent = matches!(self.player.phase, Phase::Idle | Phase::Ended | Phase::Failed(_));
                (no_track && silent).then_some(NO_TRACK)
            }
            Action::LoopIn | Action::LoopOut => self.player.track.is_none().then_some(SILENCE),
            Action::Back5 | Action::Forward5 | Action::Back15 | Action::Forward15 | Action::Peak => self.why_not_seek(),
            Action::Seek0 | Action::Seek1 | Action::Seek2 | Action::Seek3 | Action::Seek4 => self.why_not_seek(),
            Action::Seek5 | Action::Seek6 | Action::Seek7 | Action::Seek8 | Action::Seek9 => self.why_not_seek(),
            Action::NextPage => self.why_not_next_page(),
            Action::Refresh => self.why_not_refresh(),
            Action::NextBrief => self.why_not_brief(true),
            Action::PreviousBrief => self.why_not_brief(false),
            _ if no_track => Some(NO_TRACK),
            Action::NextUnheard => self.near_are_heard(true).then_some("all below are heard"),
            Action::PreviousUnheard => self.near_are_heard(false).then_some("all above are heard"),
            Action::Download => {
                let selected = self.selected();
                selected
                    .is_some_and(|track| self.is_downloading(&track.id))
                    .then_some("it is under way")
            }
            _ => None,
        }
    }

    /// What is not known of a preview yet, its length or its peak, is no reason: it is there in a moment, and hints that come and go with every
    /// move of the cursor would flicker.
    fn why_not_seek(&self) -> Option<&'static str> {
        let player = &self.player;
        let nothing = player.track.is_none() || matches!(player.phase, Phase::Idle | Phase::Failed(_));
        nothing.then_some(SILENCE)
    }

    fn why_not_next_page(&self) -> Option<&'static str> {
        if self.results.request.is_none() {
            Some(NOT_ASKED)
        } else if self.results.running.is_some() {
            Some(ON_ITS_WAY)
        } else {
            (!self.results.may_have_more).then_some("there are no more")
        }
    }

    fn why_not_refresh(&self) -> Option<&'static str> {
        if self.results.request.is_none() {
            Some(NOT_ASKED)
        } else if self.offline {
            Some("offline")
        } else {
            self.results.running.is_some().then_some(ON_ITS_WAY)
        }
    }

    fn why_not_brief(&self, forward: bool) -> Option<&'static str> {
        match &self.briefs {
            None => Some("no briefs are open"),
            Some(list) if forward => (list.at + 1 >= list.briefs.len()).then_some("this is the last one"),
            Some(list) => (list.at == 0).then_some("this is the first one"),
        }
    }

    /// The nearest row below the cursor, or above it, whose track was not heard yet.
    pub fn unheard(&self, below: bool) -> Option<usize> {
        self.rows_away(below).find(|row| self.is_new(*row))
    }

    /// Whether every row that way was heard, which is asked for every frame: of more rows than can be looked at then, it is not said.
    fn near_are_heard(&self, below: bool) -> bool {
        let mut rows = self.rows_away(below);
        rows.by_ref().take(LOOKED_AT).all(|row| !self.is_new(row)) && rows.next().is_none()
    }

    /// The rows below the cursor, or above it, the nearest first.
    fn rows_away(&self, below: bool) -> impl Iterator<Item = usize> + use<> {
        let at = self.results.selected;
        let (down, up) = if below {
            (at + 1..self.results.rows.len(), 0..0)
        } else {
            (0..0, 0..at)
        };
        down.chain(up.rev())
    }

    fn is_new(&self, row: usize) -> bool {
        self.results.track(row).is_some_and(|track| !self.marks.heard.contains(&track.id))
    }

    /// Whether a download of this track is under way.
    pub fn is_downloading(&self, track: &TrackId) -> bool {
        self.downloads
            .iter()
            .any(|download| download.running() && download.track.id == *track)
    }
}
