//! The status line: a message, or the keys that matter here; and what runs.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use super::line::{columns, fit, hint, joined, sides};
use super::theme::Theme;
use super::{batches, downloads, format};
use crate::input::{Action, KeyPress};
use crate::state::{Focus, Leaving, Phase, Severity, State, TourStep};

/// What is between two hints.
const GAP: &str = "   ";

/// Draws the line.
pub fn draw(buf: &mut Buffer, area: Rect, state: &State, theme: &Theme) {
    let room = usize::from(area.width).saturating_sub(2);
    let mut work = batches::summary(state, theme);
    let loading = downloads::summary(state, theme);
    if !work.is_empty() && !loading.is_empty() {
        work.push(Span::raw(GAP));
    }
    work.extend(loading);
    let work = fit(work, room / 2);
    let left_room = room.saturating_sub(if work.is_empty() { 0 } else { columns(&work) + 2 });
    let left = match message(state, theme) {
        Some(message) => fit(message, left_room),
        None => {
            let mut words = words(hints(state, theme));
            // What the tour says stands there whole or cut, in a narrow window too.
            if let Some(first) = words.first_mut().filter(|_| state.tour.is_some()) {
                *first = fit(std::mem::take(first), left_room);
            }
            joined(words, &Span::raw(GAP), left_room)
        }
    };
    buf.set_line(area.x + 1, area.y, &sides(left, work, room), area.width.saturating_sub(1));
}

/// The key of the hint at a column of the line; `None` where there is none, or a message stands instead.
pub fn key_at(area: Rect, state: &State, column: u16) -> Option<KeyPress> {
    let theme = Theme::mono();
    if message(state, &theme).is_some() {
        return None;
    }
    let mut start = usize::from(area.x) + 1;
    for (action, hint) in hints(state, &theme) {
        let end = start + columns(&hint);
        if (start..end).contains(&usize::from(column)) {
            return state.keymap.keys(action).next().copied();
        }
        start = end + GAP.len();
    }
    None
}

fn words(hints: Vec<(Action, Vec<Span<'_>>)>) -> Vec<Vec<Span<'_>>> {
    hints.into_iter().map(|(_, hint)| hint).collect()
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

/// The keys that matter here, the most useful first, each with the action of its first key. An action without a key has no hint.
fn hints<'a>(state: &State, theme: &Theme) -> Vec<(Action, Vec<Span<'a>>)> {
    let key = |action| state.keymap.keys(action).next().map(ToString::to_string);
    let one = |action: Action, what: &str| Some((action, hint(key(action)?, what, theme.key, theme.dim)));
    let two = |first, second, what: &str| {
        let keys = format!("{} {}", key(first)?, key(second)?);
        Some((first, hint(keys, what, theme.key, theme.dim)))
    };
    let by_name = |action: Action| one(action, action.hint());
    let some = state.selected().is_some();
    let cancels = state
        .results
        .running
        .as_ref()
        .map(|running| if running.sent { "stop waiting" } else { "cancel" });
    let mut all = vec![tour(state, theme), state.tour.and_then(|_| by_name(Action::Tour))];
    match state.focus {
        Focus::Query => {
            if !state.query.text().is_empty() {
                all.push(one(Action::Ask, &format!("ask {}", format::server_name(&state.server))));
            }
            if some {
                all.push(by_name(Action::IntoRows));
            }
            if !state.query.history.is_empty() {
                all.push(by_name(Action::EarlierQuery));
            }
            if !state.query.text().is_empty() {
                all.push(by_name(Action::ClearQuery));
            }
            if state.live.chips().next().is_some() {
                all.push(by_name(Action::UseWords));
                all.push(by_name(Action::DropWord));
            }
            all.push(one(Action::Back, "leave the box"));
        }
        Focus::Filters => {
            all.push(two(Action::FilterDown, Action::FilterUp, "move"));
            all.push(two(Action::FilterLess, Action::FilterMore, "change"));
            all.push(by_name(Action::FilterPick));
            if state.filters.active != crate::api::Filters::default() {
                all.push(by_name(Action::FilterClear));
                all.push(by_name(Action::FilterClearAll));
            }
            all.push(one(Action::Back, "back"));
            all.push(by_name(Action::FocusQuery));
            all.push(by_name(Action::Help));
        }
        Focus::Results => {
            all.extend(cancels.map(|what| one(Action::Back, what)));
            if some {
                let what = if state.player.phase == Phase::Playing { "pause" } else { "play" };
                all.extend([
                    one(Action::PlayPause, what),
                    two(Action::Down, Action::Up, "move"),
                    by_name(Action::Download),
                    by_name(Action::Shortlist),
                ]);
                if state.briefs.is_some() {
                    all.push(two(Action::PreviousBrief, Action::NextBrief, "briefs"));
                }
                all.extend([
                    by_name(Action::FocusQuery),
                    by_name(Action::FocusFilters),
                    two(Action::Back5, Action::Forward5, "seek"),
                    by_name(Action::Peak),
                    by_name(Action::NextUnheard),
                    by_name(Action::Sort),
                ]);
            } else {
                all.extend([by_name(Action::FocusQuery), by_name(Action::FocusFilters)]);
                if state.briefs.is_some() {
                    all.push(two(Action::PreviousBrief, Action::NextBrief, "briefs"));
                }
            }
            all.extend([by_name(Action::Help), by_name(Action::Quit)]);
        }
    }
    all.into_iter().flatten().collect()
}

/// What the tour says, with the keys that hold now.
fn tour<'a>(state: &State, theme: &Theme) -> Option<(Action, Vec<Span<'a>>)> {
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
    let line = vec![
        Span::styled(format!("Tour {}/{} ", step.number(), TourStep::ALL.len()), theme.accent),
        Span::styled(text, theme.text),
    ];
    Some((Action::Tour, line))
}
