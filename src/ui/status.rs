//! The status line: a message, or the keys that matter here; and what runs.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use super::line::{columns, fit, hint, joined, sides};
use super::theme::Theme;
use super::{batches, downloads, format};
use crate::input::Action;
use crate::state::{Focus, Leaving, Phase, Severity, State, TourStep};

/// What is between two hints.
const GAP: &str = "   ";

/// Something that stands at the left of the line: what the tour says, or a key and what it does.
struct Hint<'a> {
    /// What a click does; `None` where there is nothing to click.
    action: Option<Action>,
    spans: Vec<Span<'a>>,
}

/// Draws the line.
pub fn draw(buf: &mut Buffer, area: Rect, state: &State, theme: &Theme) {
    let room = usize::from(area.width).saturating_sub(2);
    let (work, left_room) = shares(room, state, theme);
    let left = match message(state, theme) {
        Some(message) => fit(message, left_room),
        None => {
            let words = placed(state, theme, left_room).into_iter().map(|(_, hint)| hint.spans);
            joined(words.collect(), &Span::raw(GAP), left_room)
        }
    };
    buf.set_line(area.x + 1, area.y, &sides(left, work, room), area.width.saturating_sub(1));
}

/// What the hint at a column of the line does; `None` where none is drawn, or a message stands instead.
pub fn action_at(area: Rect, state: &State, column: u16) -> Option<Action> {
    let theme = Theme::mono();
    if message(state, &theme).is_some() {
        return None;
    }
    let (_, room) = shares(usize::from(area.width).saturating_sub(2), state, &theme);
    let at = usize::from(column).checked_sub(usize::from(area.x) + 1)?;
    let mut placed = placed(state, &theme, room).into_iter();
    let (_, hint) = placed.find(|(start, hint)| (*start..start + columns(&hint.spans)).contains(&at))?;
    hint.action
}

/// What runs, for the right of the line, and how many columns that leaves to the left.
fn shares<'a>(room: usize, state: &State, theme: &Theme) -> (Vec<Span<'a>>, usize) {
    let mut work = batches::summary(state, theme);
    let loading = downloads::summary(state, theme);
    if !work.is_empty() && !loading.is_empty() {
        work.push(Span::raw(GAP));
    }
    work.extend(loading);
    let work = fit(work, room / 2);
    let taken = if work.is_empty() { 0 } else { columns(&work) + 2 };
    (work, room.saturating_sub(taken))
}

/// The hints that there is room for, each with the column where it begins.
fn placed<'a>(state: &State, theme: &Theme, room: usize) -> Vec<(usize, Hint<'a>)> {
    let mut placed = Vec::new();
    let mut start = 0;
    for (index, mut hint) in hints(state, theme).into_iter().enumerate() {
        // What the tour says stands there whole or cut, in a narrow window too.
        if index == 0 && state.tour.is_some() {
            hint.spans = fit(hint.spans, room);
        }
        let end = start + columns(&hint.spans);
        if end > room {
            break;
        }
        placed.push((start, hint));
        start = end + GAP.len();
    }
    placed
}

fn message<'a>(state: &'a State, theme: &Theme) -> Option<Vec<Span<'a>>> {
    if let Some((severity, text)) = &state.status.message {
        let (glyph, style) = match severity {
            Severity::Info => ("› ", theme.accent),
            Severity::Success => ("✓ ", theme.success),
            Severity::Error => ("✕ ", theme.error),
        };
        return Some(vec![Span::styled(glyph, style), Span::styled(text.as_str(), theme.text)]);
    }
    match state.leaving {
        Leaving::AskedUntil(until) if until > state.now => Some(vec![
            Span::styled("! ", theme.warning),
            Span::styled(
                "Paid work is under way. The same key again leaves; it is settled at the next start.",
                theme.text,
            ),
        ]),
        _ => None,
    }
}

/// The keys that matter here, the most useful first. What no key does here has no hint (in the query box a letter is a letter), and what does
/// nothing now has none either.
fn hints<'a>(state: &State, theme: &Theme) -> Vec<Hint<'a>> {
    let context = state.focus.context();
    let key = |action: Action| {
        let mut keys = state.keymap.keys(action);
        keys.find(|key| state.keymap.action(context, key) == Some(action))
            .map(ToString::to_string)
    };
    let of = |action: Action, keys: String, what: &str| Hint {
        action: Some(action),
        spans: hint(keys, what, theme.key, theme.dim),
    };
    let one = |action: Action, what: &str| {
        let key = key(action).filter(|_| state.is_possible(action))?;
        Some(of(action, key, what))
    };
    let two = |first: Action, second: Action, what: &str| {
        let possible = state.is_possible(first) || state.is_possible(second);
        let keys = format!("{} {}", key(first)?, key(second)?);
        possible.then(|| of(first, keys, what))
    };
    let by_name = |action: Action| one(action, action.hint());
    let cancels = state
        .results
        .running
        .as_ref()
        .map(|running| if running.sent { "stop waiting" } else { "cancel" });
    let mut all = vec![tour(state, theme), state.tour.and_then(|_| by_name(Action::Tour))];
    match state.focus {
        Focus::Query => {
            all.extend([
                one(Action::Ask, &format!("ask {}", format::server_name(&state.server))),
                by_name(Action::IntoRows),
                by_name(Action::EarlierQuery),
                by_name(Action::ClearQuery),
                by_name(Action::UseWords),
                by_name(Action::DropWord),
                one(Action::Back, "leave the box"),
            ]);
        }
        Focus::Filters => {
            all.extend([
                two(Action::FilterDown, Action::FilterUp, "move"),
                two(Action::FilterLess, Action::FilterMore, "change"),
                by_name(Action::FilterPick),
                by_name(Action::FilterClear),
                by_name(Action::FilterClearAll),
                one(Action::Back, "back"),
                by_name(Action::FocusQuery),
                by_name(Action::Help),
            ]);
        }
        Focus::Results => {
            all.extend(cancels.map(|what| one(Action::Back, what)));
            if state.selected().is_some() {
                let what = if state.player.phase == Phase::Playing { "pause" } else { "play" };
                all.extend([
                    one(Action::PlayPause, what),
                    two(Action::Down, Action::Up, "move"),
                    by_name(Action::Download),
                    by_name(Action::Shortlist),
                    two(Action::PreviousBrief, Action::NextBrief, "briefs"),
                    by_name(Action::FocusQuery),
                    by_name(Action::FocusFilters),
                    two(Action::Back5, Action::Forward5, "seek"),
                    by_name(Action::Peak),
                    by_name(Action::NextUnheard),
                    by_name(Action::Sort),
                ]);
            } else {
                all.extend([
                    by_name(Action::FocusQuery),
                    by_name(Action::FocusFilters),
                    two(Action::PreviousBrief, Action::NextBrief, "briefs"),
                ]);
            }
            all.extend([by_name(Action::Help), by_name(Action::Quit)]);
        }
    }
    all.into_iter().flatten().collect()
}

/// What the tour says, with the keys that hold now.
fn tour<'a>(state: &State, theme: &Theme) -> Option<Hint<'a>> {
    let step = state.tour?;
    let key = |action| {
        state
            .keymap
            .keys(action)
            .next()
            .map_or_else(|| "the palette".to_owned(), ToString::to_string)
    };
    // How to get to the place where the step's keys hold, if one is elsewhere.
    let to = |focus: Focus| match focus {
        _ if focus == state.focus => String::new(),
        Focus::Query => format!("{}, then ", key(Action::FocusQuery)),
        Focus::Filters | Focus::Results => format!("{}, then ", key(Action::Back)),
    };
    let text = match step {
        TourStep::Search => format!("{}describe music, {} asks", to(Focus::Query), key(Action::Ask)),
        TourStep::Hear => format!("{}{}: hear the next track", to(Focus::Results), key(Action::Down)),
        TourStep::Filter if state.focus == Focus::Filters => {
            format!("{} or {}: narrow the rows, free", key(Action::FilterMore), key(Action::FilterPick))
        }
        TourStep::Filter if state.focus == Focus::Query => {
            format!("{}, then {}: the filters", key(Action::Back), key(Action::FocusFilters))
        }
        TourStep::Filter => format!("{} goes to the filters", key(Action::FocusFilters)),
        TourStep::Shortlist => format!(
            "{}{}: keep this track on your shortlist",
            to(Focus::Results),
            key(Action::Shortlist)
        ),
        TourStep::Fit => format!("{}{}: fit it to your picture, free", to(Focus::Results), key(Action::FitClip)),
        TourStep::Buy => format!(
            "{}{}: buy it for 1 credit; it asks first",
            to(Focus::Results),
            key(Action::Download)
        ),
    };
    Some(Hint {
        action: None,
        spans: vec![
            Span::styled(format!("Tour {}/{} ", step.number(), TourStep::ALL.len()), theme.accent),
            Span::styled(text, theme.text),
        ],
    })
}
