//! The program in lines of text, in and out: for screen readers, and for pipes.
//!
//! It is the screen's own program without the screen: the same [`State`], the same [`update`], the same tasks. A line becomes an action, a
//! wish with a value or a key of the popup on top ([`obey`]); what changes in the state is told in sentences ([`tell`], [`pages`]).
//!
//! Money: a paid request still needs what it needs on the screen, Enter in the query box or a confirmation that has armed. A line gives
//! that only by the word that the question has named (`ask`, `buy`, …), and only after the price was told. Typed at a terminal, a word that
//! was there before its question could be read does not count. In a pipe a line is read only once everything before it is done and
//! told. A question in a popup has to be answered by the next line. The search whose price was told waits while lines only read something,
//! play it or go to a track; it is asked only while words and filters are the same and it still costs what was told. Any other line leaves
//! it, and so does the end of the input.

mod about;
mod filter;
mod input;
mod line;
mod obey;
mod pages;
mod tell;

use std::io::{self, Write};
use std::time::Instant;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;

pub use input::{Lines, from_stdin};
pub use line::Verb;

use self::about::About;
use crate::api::{Charge, SearchRequest};
use crate::app::{BatchNews, DownloadNews, Effect, Message, SearchNews, sleep_until, update};
use crate::spend::ARMED_AFTER_MS;
use crate::state::{Leaving, Moment, Ownership, Phase, Popup, Price, Severity, State, TaskName, TourStep};
use crate::term::Unseen;
use crate::text::Clean;

/// The screen that the program believes in: large enough for everything to be asked.
pub const SIZE: (u16, u16) = (140, 42);

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ended {
    /// Some line was not understood, or did not do what it should.
    pub failed: bool,
    /// Something was charged, or may have been, without its whole result.
    pub unsure: bool,
}

/// Where the lines come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// Somebody types them at a terminal.
    Terminal,
    /// They are in a file or a pipe.
    Pipe,
}

/// What was told and what is waited for.
#[derive(Default)]
struct Told {
    /// The question on top: its lines, and the word that says yes.
    question: Option<(Vec<String>, &'static str)>,
    /// When it could be answered at the earliest.
    answer_from: Moment,
    /// The search whose price was told.
    offer: Option<SearchRequest>,
    /// `search` was said, and its price is not told yet.
    pricing: bool,
    /// A next page is asked about, and whether it is free is not known yet.
    page_pricing: bool,
    /// The next row that `list` reads, from 0.
    next_row: usize,
    /// The tasks as they were told, by number.
    tasks: Vec<TaskName>,
    /// The step of the tour that was told.
    tour: Option<TourStep>,
    /// The clip panel as it was told.
    clip: Option<Vec<String>>,
    /// The playing that was told.
    playing: u64,
    /// That there is no sound.
    silent: bool,
    /// The next line is a key.
    key_next: bool,
    /// What is typed is not shown, at a terminal that would.
    unseen: Option<Unseen>,
    /// `wait`: until then, or to the end of the preview.
    #[expect(clippy::option_option, reason = "whether it waits, and whether for a moment")]
    wait: Option<Option<Moment>>,
    /// Lines written so far.
    lines: u64,
}

/// The program in lines.
pub struct Plain<W, P> {
    state: State,
    out: W,
    perform: P,
    from: From,
    to_terminal: bool,
    messages: UnboundedReceiver<Message>,
    at_work: watch::Receiver<usize>,
    started: Instant,
    told: Told,
    ended: Ended,
    /// Nobody reads what is written any more.
    unheard: bool,
}

impl<W: Write, P: FnMut(Effect)> Plain<W, P> {
    /// Sets up. `to_terminal`: what is written is seen on a terminal, which takes more than text. `at_work` counts the tasks that run, so
    /// that it is known when what a line has started is over.
    pub fn new(
        state: State,
        from: From,
        to_terminal: bool,
        out: W,
        messages: UnboundedReceiver<Message>,
        at_work: watch::Receiver<usize>,
        perform: P,
    ) -> Self {
        Self {
            state,
            out,
            perform,
            from,
            to_terminal,
            messages,
            at_work,
            started: Instant::now(),
            told: Told::default(),
            ended: Ended::default(),
            unheard: false,
        }
    }

    /// Obeys lines until the user leaves, or until the input ends and all that was started is done.
    pub async fn run(mut self, mut lines: Lines) -> Ended {
        self.say("trackyard-tui in lines. Say help for what can be said, quit to leave.");
        let mut more = true;
        while self.state.leaving != Leaving::Now && !self.unheard {
            let ready = self.ready();
            if !more && ready {
                break;
            }
            let working = *self.at_work.borrow() > 0;
            let wake = self.wake();
            tokio::select! {
                biased;
                message = self.messages.recv() => match message {
                    Some(message) => self.take(message),
                    None => break,
                },
                line = lines.recv(), if more && (ready || self.from == From::Terminal) => match line {
                    Some(line) => self.obey(&line),
                    None => {
                        more = false;
                        self.input_ended();
                    }
                },
                changed = self.at_work.changed(), if working => if changed.is_err() { break },
                () = sleep_until(self.started, wake) => self.take(Message::Wake),
            }
        }
        // What it cost is not known before the next start.
        self.ended.unsure |= self.state.is_paid_for_in_flight();
        self.ended
    }

    /// Whatever the lines so far have started is done and told.
    fn ready(&self) -> bool {
        let state = &self.state;
        let at_rest = *self.at_work.borrow() == 0 && self.messages.is_empty();
        let player = &state.player;
        let listens = |panel: &crate::state::ClipPanel| panel.estimate.is_none() && panel.problem.is_none();
        let sounding = !matches!(player.phase, Phase::Idle | Phase::Failed(_));
        let fitting = matches!(state.popups.last(), Some(Popup::Clip(panel)) if sounding && (listens(panel) || panel.cutting));
        at_rest
            && player.phase != Phase::Loading
            // A line after it may want to go to a place in it.
            && (!matches!(player.phase, Phase::Playing | Phase::Buffering) || player.length.is_some())
            && player.audition_at.is_none()
            && !fitting
            && !self.waits()
            && (self.told.question.is_none() || self.now() >= self.told.answer_from)
            && (self.told.offer.is_none() || self.now() >= self.told.answer_from)
    }

    /// `wait` holds back the next line.
    fn waits(&self) -> bool {
        let plays = matches!(self.state.player.phase, Phase::Loading | Phase::Playing | Phase::Buffering);
        match self.told.wait {
            None => false,
            Some(Some(until)) => plays && self.now() < until,
            Some(None) => plays && !self.state.player.repeat,
        }
    }

    fn now(&self) -> Moment {
        Moment(self.started.elapsed().as_millis() as u64)
    }

    /// When to look again by itself; at rest never.
    fn wake(&self) -> Option<Moment> {
        let now = self.now();
        let leaving = match self.state.leaving {
            Leaving::AskedUntil(until) => Some(until),
            Leaving::No | Leaving::Now => None,
        };
        let asked = self.told.question.is_some() || self.told.offer.is_some();
        let arming = (asked && self.from == From::Pipe)
            .then_some(self.told.answer_from)
            .filter(|at| *at > now);
        let waiting = self.told.wait.flatten().filter(|_| self.waits());
        [leaving, arming, waiting, self.state.player.audition_at]
            .into_iter()
            .flatten()
            .min()
    }

    /// Takes in what has happened, and tells what of it is worth telling.
    fn take(&mut self, mut message: Message) {
        if self.from == From::Pipe
            && let Message::Remembered(memory) = &mut message
        {
            // Nobody is there to be led, and the tour is still to come on a screen.
            memory.tour_taken = true;
        }
        let about = About::of(&message, &self.state);
        self.ended.unsure |= costs_without_result(&message);
        let opens_page = self.state.popups.len();
        let said = self.state.status.said;
        let now = self.now();
        for effect in update(&mut self.state, now, message) {
            match effect {
                Effect::Redraw | Effect::Suspend | Effect::Theme(_) | Effect::Background(_) => {}
                // There is no terminal to have a clipboard or a bell; the text itself is told.
                Effect::Copy(_) | Effect::Notify(_) if !self.to_terminal => {}
                effect => (self.perform)(effect),
            }
        }
        if self.state.status.said != said
            && let Some((severity, text)) = self.state.status.message.clone()
        {
            if severity == Severity::Error {
                self.fail(&text);
            } else {
                self.say(&text);
            }
        }
        if self.state.popups.len() > opens_page
            && matches!(
                self.state.popups.last(),
                Some(Popup::Confirm {
                    ask: crate::state::Ask::NextPage(_),
                    ..
                })
            )
        {
            self.told.page_pricing = true;
        }
        self.tell(about);
        self.tell_question();
        self.tell_clip();
        self.tell_tour();
    }

    fn tell(&mut self, about: About) {
        match about {
            About::Nothing => {}
            About::NoKey => self.say_all(pages::no_key(&self.state)),
            About::Answer => {
                self.told.next_row = 0;
                self.say_all(tell::answer(&self.state));
            }
            About::Waiting(wait) => {
                let seconds = wait.as_secs_f64().ceil();
                self.say(&format!("Rate limited: it goes on in {seconds} s. Say cancel to give it up."));
            }
            About::Price => self.tell_price(),
            About::Found => {
                let found = self.state.live.found.filter(|found| found.whole + found.close > 0);
                if let Some(found) = found {
                    let all = found.whole + found.close;
                    let (more, one) = if found.more { ("more than ", false) } else { ("", all == 1) };
                    let (verb, them) = if one { ("matches", "it") } else { ("match", "them") };
                    let all = crate::ui::format::count(all, "track");
                    self.told.next_row = 0;
                    self.say(&format!("{more}{all} seen before {verb}. Say list to read {them}, free."));
                }
            }
            About::Download(download) => self.say(&format!("Downloading {}.", tell::name(&download.track))),
            About::Brief(id, number) => {
                let batch = self.state.batches.iter().find(|batch| batch.id == id);
                if let Some(line) = batch.and_then(|batch| tell::brief_answered(batch, number)) {
                    self.say(&line);
                }
            }
            About::Started if self.told.playing != self.state.player.ticket => {
                self.told.playing = self.state.player.ticket;
                if let Some(track) = self.state.player.track.clone() {
                    self.say(&format!("Playing {}.", tell::name(&track)));
                }
            }
            About::Started => {}
            About::Ended => self.say("The preview has ended."),
            About::NotPlayed(why) => self.fail(&why),
            About::Silent(why) if !self.told.silent => {
                self.told.silent = true;
                self.say(&format!("No sound: {why}. Everything else works."));
            }
            About::Silent(_) => {}
            About::Usage => {
                if let Some(Popup::Usage(view)) = self.state.popups.last() {
                    let lines = pages::usage(view);
                    self.say_all(lines);
                    self.close();
                }
            }
            About::Receipts => {
                if let Some(Popup::Receipts(view)) = self.state.popups.last() {
                    let lines = pages::receipts(view);
                    self.say_all(lines);
                    self.close();
                }
            }
            About::Project => {
                if let Some(Popup::Shortlist(view)) = self.state.popups.last() {
                    self.say_all(pages::shortlist(view, &self.state));
                }
            }
            About::Briefs { opened } => self.tell_briefs(opened),
            About::Account => {
                if matches!(self.state.popups.last(), Some(Popup::Account)) {
                    self.say_all(tell::account(&self.state));
                    self.close();
                }
            }
            About::Alike => {
                if let Some(Popup::Alike(view)) = self.state.popups.last() {
                    self.say_all(pages::alike(view));
                }
            }
        }
    }

    /// A price has come: of what `search` has put into the box, or of a next page that is asked about.
    fn tell_price(&mut self) {
        self.told.page_pricing = false;
        if !self.told.pricing || self.state.query.price == Price::Checking {
            return;
        }
        self.told.pricing = false;
        self.say_all(tell::price(&self.state));
        match &self.state.query.price {
            Price::Cached { .. } => self.wish(crate::app::Wish::Kept),
            Price::OneCredit => {
                self.told.offer = self.state.request_in_box().ok();
                self.told.answer_from = self.now().plus_millis(ARMED_AFTER_MS);
            }
            Price::Nothing | Price::Checking | Price::Invalid(_) | Price::Refused(_) => {}
        }
    }

    /// Puts the question on top, once: when it can be answered, and again when it has become another.
    fn tell_question(&mut self) {
        let now = if self.told.page_pricing {
            None
        } else {
            pages::question(&self.state)
        };
        if now == self.told.question {
            return;
        }
        self.told.question.clone_from(&now);
        if let Some((lines, _)) = now {
            self.say_all(lines);
            // To be told is here what to be drawn is on the screen: only then does it begin to listen.
            self.take(Message::Drawn);
            self.told.answer_from = self.now().plus_millis(ARMED_AFTER_MS);
        }
    }

    /// Tells what is known of the clip that is fitted, when it has changed.
    fn tell_clip(&mut self) {
        let now = match self.state.popups.last() {
            Some(Popup::Clip(panel)) => {
                let known = panel.estimate.is_some() || panel.problem.is_some() || matches!(self.state.player.phase, Phase::Failed(_));
                if !known || panel.full == Ownership::Checking {
                    return;
                }
                Some(pages::clip(panel, &self.state))
            }
            // A question about it is on top.
            Some(Popup::Confirm { .. }) => return,
            _ => None,
        };
        if now != self.told.clip {
            // Only what is new of it, once it was told whole.
            let before = std::mem::replace(&mut self.told.clip, now.clone()).unwrap_or_default();
            let news = now.unwrap_or_default().into_iter().filter(|line| !before.contains(line));
            self.say_all(news.collect());
        }
    }

    /// Tells a step of the tour, once.
    fn tell_tour(&mut self) {
        let now = self.state.tour;
        if std::mem::replace(&mut self.told.tour, now) != now
            && let Some(step) = now
        {
            self.say(&tell::tour(step));
        }
    }

    fn input_ended(&mut self) {
        // Nobody is there to answer, and nobody to hear it out.
        self.close_all();
        if self.from == From::Terminal && !self.ready() {
            self.say("Waiting for what is under way.");
        }
        self.told.wait = self.told.wait.filter(|_| self.from == From::Pipe);
    }

    fn say_all(&mut self, lines: Vec<String>) {
        for line in lines {
            self.say(&line);
        }
    }

    /// Writes a line. One that tells an error counts as a failure.
    fn say(&mut self, text: &str) {
        self.ended.failed |= text.starts_with("Error: ");
        self.told.lines += 1;
        // Paths and messages come from outside too.
        let indent = if text.starts_with("  ") { "  " } else { "" };
        let written = writeln!(self.out, "{indent}{}", Clean::new(text)).and_then(|()| self.out.flush());
        self.unheard |= matches!(written, Err(error) if error.kind() == io::ErrorKind::BrokenPipe);
    }

    fn fail(&mut self, text: &str) {
        self.say(&format!("Error: {text}"));
    }
}

/// Whether something was paid for, or may have been, and did not come whole.
fn costs_without_result(message: &Message) -> bool {
    matches!(
        message,
        Message::Search(_, SearchNews::Failed(failed))
            | Message::Download(_, DownloadNews::Failed(failed))
            | Message::Batch(_, BatchNews::Stopped(failed))
            if failed.charge != Charge::Free
    )
}

#[cfg(test)]
mod tests;
