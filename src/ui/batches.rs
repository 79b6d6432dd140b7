//! Batches of this session.

use ratatui::text::Span;

use super::theme::Theme;
use super::{format, gauge, spinner};
use crate::state::{Batch, BatchPhase, State};

/// Columns of the bar at most.
const BAR: usize = 20;

/// How far a batch is, in one line.
pub fn progress<'a>(batch: &'a Batch, room: usize, state: &State, theme: &Theme) -> Vec<Span<'a>> {
    let said = |text: String| Span::styled(text, theme.dim);
    let now = match (&batch.phase, batch.waiting_until.filter(|until| *until > state.now)) {
        (BatchPhase::Done, _) => return vec![Span::styled("✓ ", theme.success), said(batch.tally.told())],
        (BatchPhase::Stopped(why), _) => return vec![Span::styled("✕ ", theme.error), Span::styled(why.as_str(), theme.dim)],
        (BatchPhase::Sent, _) if batch.given_up => "waits for what was sent".to_owned(),
        (BatchPhase::Unsent, _) if batch.given_up => "stopping".to_owned(),
        (BatchPhase::Sent, _) => format!("sent: {}", batch.query()),
        (BatchPhase::Unsent, Some(until)) => {
            let left = format::clock_seconds(spinner::seconds_left(state.now, until) as f64);
            format!("the rate limit opens in {left}: {}", batch.query())
        }
        (BatchPhase::Unsent, None) => format!("about to be sent: {}", batch.query()),
    };
    let share = batch.tally.done() as f64 / batch.tally.total.max(1) as f64;
    let mut line = gauge::bar(share, (room / 4).min(BAR), theme.gauge, theme);
    line.push(said(format!(" {} · ", batch.tally.progress())));
    line.push(said(now));
    line
}

/// What the one under way is doing, for the status line.
pub fn summary<'a>(state: &State, theme: &Theme) -> Vec<Span<'a>> {
    let Some(batch) = state.batch_running() else {
        return Vec::new();
    };
    let sign = if batch.waiting_until.is_some() {
        "◷"
    } else {
        spinner::glyph(state.now)
    };
    vec![
        Span::styled(format!("{sign} "), theme.accent),
        Span::styled(format!("asked {}", batch.tally.progress()), theme.text),
    ]
}
