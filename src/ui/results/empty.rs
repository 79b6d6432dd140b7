//! What stands in the results while there are no rows: what to do next.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use crate::input::Action;
use crate::state::{Focus, Source, State};
use crate::ui::line::{columns, fit, hint, joined};
use crate::ui::theme::Theme;
use crate::ui::wrap::wrap;

const EXAMPLES: [&str; 3] = [
    "moody lo-fi for a coffee shop vlog",
    "tense strings that build to a reveal",
    "bright funk around 110 bpm, no vocals",
];

/// Draws it in the middle of the pane.
pub fn draw(buf: &mut Buffer, area: Rect, state: &State, theme: &Theme) {
    let room = usize::from(area.width).min(64);
    let mut lines = lines(state, room, theme);
    if lines.len() > usize::from(area.height) {
        lines.retain(|line| line.width() > 0);
    }
    lines.truncate(area.height.into());
    // A little above the middle looks like the middle.
    let top = (usize::from(area.height) - lines.len()) * 2 / 5;
    for (row, line) in area.rows().skip(top).zip(lines) {
        line.render(row, buf);
    }
}

fn lines<'a>(state: &State, room: usize, theme: &Theme) -> Vec<Line<'a>> {
    let results = &state.results;
    let spoken = |text: &str, style| {
        wrap(text, room)
            .into_iter()
            .map(move |line| Line::styled(line, style).centered())
            .collect::<Vec<_>>()
    };
    let hints = |actions: &[Action]| {
        let groups = actions
            .iter()
            .filter_map(|action| {
                Some(hint(
                    state.keymap.keys(*action).next()?.to_string(),
                    action.hint(),
                    theme.key,
                    theme.dim,
                ))
            })
            .collect();
        Line::from(joined(groups, &Span::raw("   "), room)).centered()
    };
    if results.running.is_some() {
        return spoken("Listening for an answer…", theme.faint);
    }
    if let Some(problem) = &results.problem {
        let mut lines = vec![Line::styled("✕", theme.error).centered()];
        lines.extend(spoken(problem, theme.text));
        return lines;
    }
    if !results.all.is_empty() {
        let total = results.all.len();
        let none = if total == 1 {
            "The one track does not pass the filters.".to_owned()
        } else {
            format!("None of the {total} tracks pass the filters.")
        };
        let mut lines = spoken(&none, theme.text);
        lines.push(Line::default());
        let keys = if state.focus == Focus::Filters {
            hints(&[Action::FilterClear, Action::FilterClearAll])
        } else {
            hints(&[Action::FocusFilters])
        };
        lines.push(keys);
        lines.extend(spoken("Changing filters is free.", theme.faint));
        return lines;
    }
    if results.source == Source::Library {
        let mut lines = spoken("Nothing seen before matches this.", theme.text);
        lines.push(Line::default());
        lines.push(hints(&[Action::Ask, Action::Back]));
        return lines;
    }
    if results.source != Source::None {
        let mut lines = spoken("Nothing was found for this.", theme.text);
        lines.push(Line::default());
        lines.extend(spoken("Other words, or fewer filters, may find more.", theme.dim));
        return lines;
    }
    let mut lines = spoken("Say what the picture needs", theme.strong);
    lines.push(Line::default());
    // The examples stand in one block, centred as a whole.
    let widest = EXAMPLES.iter().map(|example| example.len() + 2).max().unwrap_or(0);
    for example in EXAMPLES {
        let line = vec![
            Span::styled("› ", theme.faint),
            Span::styled(crate::text::pad(example, widest - 2), theme.dim),
        ];
        lines.push(Line::from(fit(line, room)).centered());
    }
    lines.push(Line::default());
    let free = vec![
        Span::styled("hearing is free", theme.success),
        Span::styled(" · ", theme.faint),
        Span::styled("asking costs 1 credit", theme.dim),
    ];
    if columns(&free) <= room {
        lines.push(Line::from(free).centered());
    }
    lines.push(hints(if state.focus == Focus::Query {
        &[Action::Ask, Action::IntoRows, Action::Back]
    } else {
        &[Action::FocusQuery, Action::Help, Action::Quit]
    }));
    lines
}
