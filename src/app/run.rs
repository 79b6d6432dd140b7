//! The loop: one frame for each wake-up, however many messages are queued; no timer while nothing moves.

use std::io;
use std::time::{Duration, Instant};

use crossterm::event::{Event, MouseButton, MouseEvent, MouseEventKind};
use ratatui::Terminal;
use ratatui::backend::Backend;
use ratatui::layout::{Position, Rect};
use tokio::sync::mpsc::UnboundedReceiver;

use super::{Effect, Message, Mouse, next_wake, update};
use crate::config::ThemeName;
use crate::input::KeyPress;
use crate::state::{Leaving, Moment, State};
use crate::term::Events;
use crate::ui::{self, Colors, Theme};

/// Why the loop came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The user left, or the system asked us to.
    Left,
    /// Put the program in the background, then call [`Tui::run`] again.
    Suspend,
}

/// The program's screen and state, over any backend and any source of events, so that tests drive the real loop.
pub struct Tui<B: Backend> {
    terminal: Terminal<B>,
    state: State,
    theme: Theme,
    theme_name: ThemeName,
    colors: Colors,
    messages: UnboundedReceiver<Message>,
    started: Instant,
    dirty: bool,
}

impl<B: Backend> Tui<B>
where
    io::Error: From<B::Error>,
{
    /// Sets up; nothing is drawn yet.
    pub fn new(terminal: Terminal<B>, state: State, theme: ThemeName, colors: Colors, messages: UnboundedReceiver<Message>) -> Self {
        Self {
            terminal,
            state,
            theme: Theme::pick(theme, colors),
            theme_name: theme,
            colors,
            messages,
            started: Instant::now(),
            dirty: true,
        }
    }

    /// The state as it is.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The terminal, to look at what was drawn.
    pub fn terminal(&mut self) -> &mut Terminal<B> {
        &mut self.terminal
    }

    /// Draws the state if anything changed since.
    ///
    /// # Errors
    /// What the terminal says.
    pub fn draw(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.dirty) {
            let (state, theme) = (&self.state, &self.theme);
            self.terminal.draw(|frame| ui::draw(frame, state, theme))?;
            // The terminal may have taken its time, so what arms with a frame learns when it was out. This changes no cell by itself.
            let now = self.now();
            update(&mut self.state, now, Message::Drawn);
        }
        Ok(())
    }

    /// Runs until the user leaves or suspends. `perform` does the effects that are not the screen's own.
    ///
    /// # Errors
    /// What the terminal says.
    pub async fn run(&mut self, events: &mut Events, mut perform: impl FnMut(Effect)) -> io::Result<Outcome> {
        loop {
            self.draw()?;
            let wake = next_wake(&self.state);
            let mut batch = Vec::new();
            tokio::select! {
                biased;
                event = events.recv() => match event {
                    Some(event) => batch.extend(message_of(event?)),
                    // The terminal is gone.
                    None => batch.push(Message::Terminate),
                },
                message = self.messages.recv() => match message {
                    Some(message) => batch.push(message),
                    None => batch.push(Message::Terminate),
                },
                () = sleep_until(self.started, wake) => batch.push(Message::Wake),
            }
            // Whatever else has come meanwhile belongs to the same frame; keys first.
            while let Ok(event) = events.try_recv() {
                batch.extend(message_of(event?));
            }
            while let Ok(message) = self.messages.try_recv() {
                batch.push(message);
            }
            if let Some(outcome) = self.take(batch, &mut perform)? {
                return Ok(outcome);
            }
        }
    }

    fn now(&self) -> Moment {
        Moment(self.started.elapsed().as_millis() as u64)
    }

    /// Takes in messages; `Some` ends the loop.
    fn take(&mut self, batch: Vec<Message>, perform: &mut impl FnMut(Effect)) -> io::Result<Option<Outcome>> {
        let mut suspend = false;
        for message in batch {
            let now = self.now();
            self.dirty = true;
            for effect in update(&mut self.state, now, message) {
                match effect {
                    // Clearing by `Terminal::clear` would ask the terminal where its cursor is and wait for the answer.
                    Effect::Redraw => {
                        let size = self.terminal.size()?;
                        self.terminal.resize(Rect::from((Position::ORIGIN, size)))?;
                    }
                    Effect::Suspend => suspend = true,
                    Effect::Theme(name) => {
                        self.theme_name = name;
                        self.theme = Theme::pick(name, self.colors);
                    }
                    Effect::Background(light) => {
                        self.colors.light_background = light;
                        self.theme = Theme::pick(self.theme_name, self.colors);
                    }
                    other => perform(other),
                }
            }
            if self.state.leaving == Leaving::Now {
                return Ok(Some(Outcome::Left));
            }
        }
        Ok(suspend.then_some(Outcome::Suspend))
    }

    /// The terminal is ours again after a suspend: everything is drawn anew.
    ///
    /// # Errors
    /// What the terminal says.
    pub fn returned(&mut self) -> io::Result<()> {
        let size = self.terminal.size()?;
        self.take(vec![Message::Resize(size.width, size.height), Message::Returned], &mut |_| ())?;
        Ok(())
    }
}

/// What a terminal event says, if anything.
fn message_of(event: Event) -> Option<Message> {
    match event {
        Event::Key(key) => KeyPress::from_terminal(&key).map(Message::Key),
        Event::Paste(text) => Some(Message::Paste(text)),
        Event::Resize(columns, rows) => Some(Message::Resize(columns, rows)),
        Event::Mouse(MouseEvent { kind, column, row, .. }) => match kind {
            MouseEventKind::Down(MouseButton::Left) => Some(Mouse::Click { column, row }),
            MouseEventKind::ScrollUp => Some(Mouse::Wheel { up: true, column, row }),
            MouseEventKind::ScrollDown => Some(Mouse::Wheel { up: false, column, row }),
            _ => None,
        }
        .map(Message::Mouse),
        Event::FocusGained | Event::FocusLost => None,
    }
}

/// Comes back at a moment of a program that started then; at none, never.
pub(crate) async fn sleep_until(started: Instant, wake: Option<Moment>) {
    match wake {
        Some(Moment(millis)) => tokio::time::sleep_until((started + Duration::from_millis(millis)).into()).await,
        None => std::future::pending().await,
    }
}
