//! There is no key: the sandbox, or a key of one's own.

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};

use super::window::{Window, room};
use crate::config::KeepIn;
use crate::state::KeyEntry;
use crate::ui::format::count;
use crate::ui::line::{fit, stack};
use crate::ui::theme::Theme;
use crate::ui::wrap::wrap;

const COLUMNS: usize = 52;
/// Columns before the places where a key can be kept: the key that changes it, and the mark of the chosen one.
const BEFORE_PLACES: usize = 7;

/// Draws it.
pub fn draw(buf: &mut Buffer, entry: &KeyEntry, theme: &Theme) {
    if let Some(characters) = entry.characters() {
        return draw_box(buf, entry, characters, theme);
    }
    let size = (buf.area.width, buf.area.height);
    let (wide, _) = room(size, (COLUMNS, 1));
    let problem = entry.problem.iter().flat_map(|problem| wrap(problem, wide));
    let mut lines: Vec<Line> = problem
        .filter(|line| !line.is_empty())
        .map(|line| Line::styled(line, theme.error))
        .collect();
    let told = lines.len();
    if told > 0 {
        lines.push(Line::default());
    }
    let labelled =
        |label: &'static str, value: &'static str| Line::from(vec![Span::styled(label, theme.faint), Span::styled(value, theme.accent)]);
    if cfg!(feature = "sandbox") {
        lines.extend([
            Line::from(vec![
                Span::styled(" s ", theme.button_focused),
                Span::styled("  start the sandbox right here", theme.strong),
            ]),
            Line::styled("     made-up music, play money, no account", theme.dim),
            labelled("     next time  ", "trackyard-tui --sandbox"),
            Line::default(),
        ]);
    }
    lines.extend([
        Line::from(vec![
            Span::styled(" k ", theme.button_focused),
            Span::styled("  use a key of your own", theme.strong),
        ]),
        Line::styled(
            match entry.no_keyring() {
                None => "     kept in the keyring or a file, for you alone",
                Some(_) => "     kept in the configuration, for you alone",
            },
            theme.dim,
        ),
        labelled("     get one  ", "app.trackyard.com/api-keys"),
        labelled("     or set   ", "TRACKYARD_API_KEY"),
    ]);
    let (_, high) = room(size, (COLUMNS, lines.len()));
    if lines.len() > high {
        lines.retain(|line| line.width() > 0);
        // What can be done matters more than all of the reason.
        let too_many = lines.len().saturating_sub(high).min(told);
        lines.drain(told - too_many..told);
    }
    let lines: Vec<Line> = lines.into_iter().map(|line| Line::from(fit(styled_spans(line), wide))).collect();
    let window = Window {
        title: "Trackyard needs a key",
        foot: vec![Span::styled("Esc", theme.key), Span::styled(" looks around", theme.dim)],
        foot_corner: vec![Span::styled("q", theme.key), Span::styled(" quits", theme.dim)],
    };
    let inside = window.open(buf, (COLUMNS, lines.len()), theme);
    stack(buf, inside, &lines);
}

/// The key whose line is drawn at this place: the popup is drawn once more, with a ground of its own for keys.
pub fn key_at(entry: &KeyEntry, screen: Rect, at: Position) -> Option<char> {
    let ground = Color::Indexed(1);
    let theme = Theme {
        button_focused: Style::new().bg(ground),
        ..Theme::mono()
    };
    let mut buf = Buffer::empty(screen);
    draw(&mut buf, entry, &theme);
    let cells = (screen.left()..screen.right()).filter_map(|x| buf.cell((x, at.y)));
    let key: String = cells.filter(|cell| cell.bg == ground).map(Cell::symbol).collect();
    key.trim().chars().next()
}

/// The box for the key: how much there is of it, never what, and where it will be kept.
fn draw_box(buf: &mut Buffer, entry: &KeyEntry, characters: usize, theme: &Theme) {
    let size = (buf.area.width, buf.area.height);
    let (wide, _) = room(size, (COLUMNS, 3));
    let dots = "•".repeat(characters.min(wide.saturating_sub(4)));
    let mut lines = vec![
        Line::from(vec![
            Span::styled("› ", theme.accent),
            Span::styled(dots, theme.text),
            Span::styled("▏", theme.accent),
        ]),
        Line::styled(
            if characters == 0 {
                "paste it, or type it; it is not shown".to_owned()
            } else {
                count(characters, "character")
            },
            theme.faint,
        ),
    ];
    if let Some(problem) = &entry.problem {
        lines.extend(wrap(problem, wide).into_iter().map(|line| Line::styled(line, theme.error)));
    }
    lines.push(Line::default());
    lines.extend(places(entry, wide, theme));
    let (_, high) = room(size, (COLUMNS, lines.len()));
    if lines.len() > high {
        lines.retain(|line| line.width() > 0);
    }
    let lines: Vec<Line> = lines.into_iter().map(|line| Line::from(fit(styled_spans(line), wide))).collect();
    let window = Window {
        title: "Your Trackyard key",
        foot: vec![Span::styled("Esc", theme.key), Span::styled(" goes back", theme.dim)],
        foot_corner: vec![Span::styled("Enter", theme.key), Span::styled(" uses and keeps it", theme.dim)],
    };
    let inside = window.open(buf, (COLUMNS, lines.len()), theme);
    stack(buf, inside, &lines);
}

/// Where the key can be kept, or why there is but one place.
fn places(entry: &KeyEntry, wide: usize, theme: &Theme) -> Vec<Line<'static>> {
    const FILE: &str = "the configuration file, for you alone";
    let line = |key: &'static str, chosen: bool, text: String| {
        let (mark, style) = if chosen { ("● ", theme.strong) } else { ("○ ", theme.dim) };
        Line::from(vec![
            Span::styled(key, theme.key),
            Span::styled(mark, theme.accent),
            Span::styled(text, style),
        ])
    };
    if let Some(why) = entry.no_keyring() {
        let why = wrap(why, wide.saturating_sub(BEFORE_PLACES));
        let why = why.into_iter().map(|part| format!("{}{part}", " ".repeat(BEFORE_PLACES)));
        let mut lines = vec![line("     ", true, FILE.to_owned())];
        lines.extend(why.map(|part| Line::styled(part, theme.faint)));
        return lines;
    }
    let keyring = entry.keep() == KeepIn::Keyring;
    vec![
        line("Tab  ", !keyring, FILE.to_owned()),
        line("     ", keyring, "the system's keyring, as trackyard-tui".to_owned()),
    ]
}

/// A line's pieces with the line's own style in each.
fn styled_spans(line: Line) -> Vec<Span> {
    let style = line.style;
    line.spans
        .into_iter()
        .map(|span| Span::styled(span.content, style.patch(span.style)))
        .collect()
}
