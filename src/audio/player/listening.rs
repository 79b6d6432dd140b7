//! What is known of previews, and what follows from it: the gain that evens their loudness, and listening ahead.

use std::sync::Arc;
use std::thread;

use super::super::analysis::Analysis;
use super::super::buffer::{Growing, Interrupt};
use super::super::leveller::evening;
use super::super::scan::{Scan, Scanned};
use super::super::track::Track;
use super::super::waveform::Waveform;
use super::super::{Event, Ticket};
use super::{Engine, Phase};

/// More previews than this are not remembered from earlier; the next ones that are told replace all of them.
const MOST_KNOWN: usize = 4_096;

/// A preview that is listened to before it plays.
pub(super) struct Ahead {
    url: String,
    bytes: Arc<Growing>,
    interrupt: Arc<Interrupt>,
}

impl Engine {
    /// Takes over what is known from earlier.
    pub(super) fn learn(&mut self, known: Vec<(String, Arc<Analysis>)>) {
        if self.known.len() + known.len() > MOST_KNOWN {
            self.known.clear();
        }
        for (url, analysis) in known {
            if let Some(track) = self.track.as_mut().filter(|track| track.url == url && track.analysis.is_none()) {
                track.analysis = Some(Arc::clone(&analysis));
                self.aim();
            }
            self.known.insert(url, analysis);
        }
    }

    /// Takes over what is known of the track that begins.
    pub(super) fn recall(&mut self) {
        let Some(track) = &mut self.track else { return };
        let seen = self.shelf.seen(&track.url);
        track.features = seen.features;
        track.analysis = seen.analysis.or_else(|| self.known.get(&track.url).cloned());
        let ticket = track.ticket;
        if let Some(analysis) = track.analysis.clone() {
            track.length = Some(analysis.length);
            self.tell(Event::Length(ticket, analysis.length));
            self.tell(Event::Waveform(ticket, Arc::clone(&analysis.waveform)));
        }
        self.aim();
    }

    /// Starts to listen to the track that plays, unless somebody has.
    pub(super) fn scan(&mut self) {
        let Some(track) = &mut self.track else { return };
        let size = track.bytes.size();
        // What is known of a preview of another size is known of another preview.
        if track
            .analysis
            .as_ref()
            .is_some_and(|known| size.is_some_and(|bytes| bytes != known.bytes))
        {
            track.analysis = None;
        }
        if track.analysis.is_none() {
            let thread = track.scan(&self.messages);
            self.threads.extend(thread);
        }
    }

    /// The features of what plays are wanted.
    pub(super) fn examine(&mut self) {
        let Some(track) = &mut self.track else { return };
        if let Some(features) = &track.features {
            let told = Event::Examined(track.ticket, Arc::clone(features));
            return self.tell(told);
        }
        track.wants_features = true;
        let thread = track.scan(&self.messages);
        self.threads.extend(thread);
    }

    /// The waveform of what plays has grown, and with it the estimate of its loudness.
    pub(super) fn grown(&mut self, ticket: Ticket, waveform: Arc<Waveform>) {
        if let Some(track) = &mut self.track {
            track.estimate = waveform.loudness.or(track.estimate);
        }
        self.aim();
        self.tell(Event::Waveform(ticket, waveform));
    }

    /// Somebody has listened to all of a preview.
    pub(super) fn scanned(&mut self, scanned: Scanned) {
        let Scanned {
            url,
            ticket,
            analysis,
            proven,
            features,
        } = scanned;
        if self.ahead.as_ref().is_some_and(|ahead| ahead.url == url) {
            self.ahead = None;
        }
        self.shelf.remember(&url, |seen| {
            seen.analysis.clone_from(&analysis);
            seen.features = Some(Arc::clone(&features));
        });
        if let Some(track) = self.track.as_mut().filter(|track| track.url == url) {
            let now = track.ticket;
            track.scan_over = true;
            track.features = Some(Arc::clone(&features));
            let wanted = std::mem::take(&mut track.wants_features);
            if let Some(analysis) = &analysis {
                track.analysis = Some(Arc::clone(analysis));
                if ticket != Some(now) {
                    self.tell(Event::Length(now, analysis.length));
                    self.tell(Event::Waveform(now, Arc::clone(&analysis.waveform)));
                }
            }
            self.aim();
            if wanted {
                self.tell(Event::Examined(now, features));
            }
        }
        // What may be a part of it only is not told as what the preview is.
        if let Some(analysis) = analysis.filter(|_| proven) {
            self.known.remove(&url);
            self.tell(Event::Analysed(url, analysis));
        }
    }

    /// A preview cannot be listened to.
    pub(super) fn unscannable(&mut self, url: &str) {
        if self.ahead.as_ref().is_some_and(|ahead| ahead.url == url) {
            self.ahead = None;
        }
        if let Some(track) = self.track.as_mut().filter(|track| track.url == url) {
            track.scan_over = true;
        }
    }

    /// Whether loudness is evened.
    pub(super) fn set_even(&mut self, even: bool) {
        self.even = even;
        self.aim();
    }

    /// Sets the gain that the track is to have.
    fn aim(&mut self) {
        let Some(track) = &self.track else { return };
        let known = track.analysis.as_ref().and_then(|analysis| analysis.waveform.loudness);
        self.last_loudness = known.or(self.last_loudness);
        // One that nobody has listened to is taken for one like the last. An estimate says nothing of the next one: it may be of a quiet intro.
        let loudness = known.or(track.estimate).or(self.last_loudness);
        track.trim.set(if self.even { evening(loudness) } else { 0.0 });
    }

    /// Listens to what was fetched ahead, one at a time, when there is nothing better to do.
    pub(super) fn listen_ahead(&mut self) {
        let busy = |track: &Track| (track.phase == Phase::Playing && !track.started) || (track.analysis.is_none() && !track.scan_over);
        if self.ahead.is_some() || self.track.as_ref().is_none_or(busy) {
            return;
        }
        let known = &self.known;
        let Some((url, bytes)) = self.shelf.unheard(|url| known.contains_key(url)) else {
            return;
        };
        self.shelf.remember(&url, |seen| seen.tried = true);
        let interrupt = Arc::new(Interrupt::default());
        let scan = Scan {
            url: url.clone(),
            ticket: None,
            bytes: Arc::clone(&bytes),
            interrupt: Arc::clone(&interrupt),
            messages: self.messages.clone(),
        };
        if let Ok(thread) = thread::Builder::new().name("preview-scan".into()).spawn(move || scan.run()) {
            self.keep(thread);
            self.ahead = Some(Ahead { url, bytes, interrupt });
        }
    }

    /// Something else is more important than listening ahead.
    pub(super) fn stop_listening(&mut self) {
        if let Some(ahead) = self.ahead.take() {
            ahead.interrupt.want(Interrupt::STOP);
            ahead.bytes.wake();
            self.shelf.remember(&ahead.url, |seen| seen.tried = false);
        }
    }
}
