//! The help page, made from the live keymap.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::window::{Window, first_line, place_in, room};
use crate::input::{Action, Context};
use crate::state::{Help, State};
use crate::text::{cut, pad};
use crate::ui::line::stack;
use crate::ui::theme::Theme;

/// Columns of the keys.
const KEYS: usize = 11;
/// Columns from which two lists stand beside each other.
const TWO_FROM: usize = 96;
/// Room between them.
const BETWEEN: usize = 3;

/// One line of the page, before it is cut to its place.
enum Entry {
    Heading(&'static str),
    Key { keys: String, what: String },
    Blank,
}

/// Draws the page.
pub fn draw(buf: &mut Buffer, help: &Help, state: &State, theme: &Theme) {
    let size = (buf.area.width, buf.area.height);
    let (wide, lines) = page(size, state, theme);
    let (_, height) = room(size, (wide, lines.len()));
    let first = first_line(help.scroll, lines.len(), height);
    let window = Window {
        title: "Keys",
        foot: vec![
            Span::styled("j k", theme.key),
            Span::styled(" scroll   ", theme.dim),
            Span::styled("Esc", theme.key),
            Span::styled(" closes", theme.dim),
        ],
        foot_corner: place_in(first, lines.len(), height, theme),
    };
    let inside = window.open(buf, (wide, lines.len()), theme);
    stack(buf, inside, &lines[first..]);
}

/// How many lines the page has and how many are seen.
pub fn extent(size: (u16, u16), state: &State) -> (usize, usize) {
    let (wide, lines) = page(size, state, &Theme::mono());
    (lines.len(), room(size, (wide, lines.len())).1)
}

/// The width of the page and its lines.
fn page<'a>(size: (u16, u16), state: &State, theme: &Theme) -> (usize, Vec<Line<'a>>) {
    let (available, _) = room(size, (110, 1));
    let mut left = Vec::new();
    for context in [Context::Global, Context::Query, Context::Filters] {
        section(&mut left, context.title(), keys_of(context, state));
    }
    let sure = [
        ("y", "spends the credit"),
        ("← → Enter", "the same by its button"),
        ("any other", "closes it, nothing is spent"),
    ];
    let sure = sure.map(|(keys, what)| Entry::Key {
        keys: keys.to_owned(),
        what: what.to_owned(),
    });
    section(&mut left, "Where a credit is asked for", sure.into());
    let mut right = Vec::new();
    section(&mut right, Context::Results.title(), keys_of(Context::Results, state));
    if available < TWO_FROM {
        left.push(Entry::Blank);
        left.extend(right);
        let wide = available.min(62);
        return (wide, left.iter().map(|entry| Line::from(spans(entry, wide, theme))).collect());
    }
    let half = (available - BETWEEN) / 2;
    let lines = (0..left.len().max(right.len()))
        .map(|index| {
            let mut line = left
                .get(index)
                .map_or_else(|| vec![Span::raw(" ".repeat(half))], |entry| spans(entry, half, theme));
            line.push(Span::raw(" ".repeat(BETWEEN)));
            line.extend(right.get(index).map(|entry| spans(entry, half, theme)).unwrap_or_default());
            Line::from(line)
        })
        .collect();
    (available, lines)
}

fn section(page: &mut Vec<Entry>, title: &'static str, keys: Vec<Entry>) {
    if keys.is_empty() {
        return;
    }
    if !page.is_empty() {
        page.push(Entry::Blank);
    }
    page.push(Entry::Heading(title));
    page.extend(keys);
}

fn keys_of(context: Context, state: &State) -> Vec<Entry> {
    const TENTHS: [Action; 9] = [
        Action::Seek1,
        Action::Seek2,
        Action::Seek3,
        Action::Seek4,
        Action::Seek5,
        Action::Seek6,
        Action::Seek7,
        Action::Seek8,
        Action::Seek9,
    ];
    let first_key = |action: Action| state.keymap.keys(action).next().map(ToString::to_string);
    let mut entries = Vec::new();
    for action in Action::ALL.iter().copied().filter(|action| action.context() == context) {
        if action == Action::Seek1 {
            // Nine lines that say the same.
            if let (Some(from), Some(to)) = (first_key(TENTHS[0]), first_key(TENTHS[8])) {
                entries.push(Entry::Key {
                    keys: format!("{from} … {to}"),
                    what: "jump to 10 % … 90 %".to_owned(),
                });
            }
            continue;
        }
        let keys: Vec<String> = state.keymap.keys(action).map(ToString::to_string).collect();
        if keys.is_empty() || TENTHS.contains(&action) {
            continue;
        }
        entries.push(Entry::Key {
            keys: keys.join(" "),
            what: action.description().to_owned(),
        });
    }
    entries
}

/// A line exactly as wide as its place.
fn spans<'a>(entry: &Entry, wide: usize, theme: &Theme) -> Vec<Span<'a>> {
    match entry {
        Entry::Heading(title) => vec![Span::styled(pad(title, wide), theme.title_focused)],
        Entry::Key { keys, what } => vec![
            Span::styled(pad(&cut(keys, KEYS - 1), KEYS), theme.key),
            Span::styled(pad(what, wide.saturating_sub(KEYS)), theme.text),
        ],
        Entry::Blank => vec![Span::raw(" ".repeat(wide))],
    }
}
