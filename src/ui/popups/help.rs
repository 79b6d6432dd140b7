//! The help page, made from the live keymap.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::window::{Window, first_line, place_in, room};
use crate::input::{Action, Context};
use crate::state::{Help, State};
use crate::text::{cut, pad};
use crate::ui::line::stack;
use crate::ui::theme::Theme;

/// Columns of the keys, with the air behind them.
const KEYS: usize = 12;
/// What stands before an action that does nothing now, and the air before one that does something: faint is not enough of a sign in every theme.
const NOT_NOW: [&str; 2] = ["– ", "  "];
/// Columns of what an action does: no description is longer.
const WHAT: usize = 42;
/// Columns of a list.
const LIST: usize = KEYS + 2 + WHAT;
/// Room between two of them, which stand beside each other where there is room.
const BETWEEN: usize = 3;
/// Columns of the page at most.
const WIDE: usize = 2 * LIST + BETWEEN;
/// Columns of a screen from which the foot says what the sign means.
const EXPLAINED_FROM: u16 = 60;

/// One line of the page, before it is cut to its place.
enum Entry {
    Heading(&'static str),
    Key { keys: String, what: String, possible: bool },
    Blank,
}

/// Draws the page.
pub fn draw(buf: &mut Buffer, help: &Help, moves: &str, state: &State, theme: &Theme) {
    let size = (buf.area.width, buf.area.height);
    let (wide, lines) = page(size, state, theme);
    let (_, height) = room(size, (wide, lines.len()));
    let first = first_line(help.scroll, lines.len(), height);
    let mut foot = vec![
        Span::styled(moves.to_owned(), theme.key),
        Span::styled(" scroll   ", theme.dim),
        Span::styled("Esc", theme.key),
        Span::styled(" closes", theme.dim),
    ];
    if size.0 >= EXPLAINED_FROM {
        foot.push(Span::styled(format!("   {}not now", NOT_NOW[0]), theme.faint));
    }
    let window = Window {
        title: "Keys",
        foot,
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

/// The width of the page and its lines: the section of the pane at hand comes first.
fn page<'a>(size: (u16, u16), state: &State, theme: &Theme) -> (usize, Vec<Line<'a>>) {
    let (available, _) = room(size, (WIDE, 1));
    let here = state.focus.context();
    let mut places = [Context::Global, Context::Query, Context::Filters];
    places.sort_by_key(|context| *context != here);
    let mut others = Vec::new();
    for context in places {
        section(&mut others, context.title(), keys_of(context, state));
    }
    let sure = [
        ("y", "spends the credit"),
        ("← → Enter", "the same by its button"),
        ("any other", "closes it, nothing is spent"),
    ];
    let sure = sure.map(|(keys, what)| Entry::Key {
        keys: keys.to_owned(),
        what: what.to_owned(),
        possible: true,
    });
    section(&mut others, "Where a credit is asked for", sure.into());
    let mut results = Vec::new();
    section(&mut results, Context::Results.title(), keys_of(Context::Results, state));
    let (mut first, second) = if here == Context::Results {
        (results, others)
    } else {
        (others, results)
    };
    if available < WIDE {
        first.push(Entry::Blank);
        first.extend(second);
        let wide = available.min(62);
        return (wide, first.iter().map(|entry| Line::from(spans(entry, wide, theme))).collect());
    }
    let lines = (0..first.len().max(second.len()))
        .map(|index| {
            let mut line = first
                .get(index)
                .map_or_else(|| vec![Span::raw(" ".repeat(LIST))], |entry| spans(entry, LIST, theme));
            line.push(Span::raw(" ".repeat(BETWEEN)));
            line.extend(second.get(index).map(|entry| spans(entry, LIST, theme)).unwrap_or_default());
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
                    possible: state.is_possible(action),
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
            possible: state.is_possible(action),
        });
    }
    entries
}

/// A line exactly as wide as its place.
fn spans<'a>(entry: &Entry, wide: usize, theme: &Theme) -> Vec<Span<'a>> {
    match entry {
        Entry::Heading(title) => vec![Span::styled(pad(title, wide), theme.title_focused)],
        Entry::Key { keys, what, possible } => {
            let (sign, key, text) = if *possible {
                (NOT_NOW[1], theme.key, theme.text)
            } else {
                (NOT_NOW[0], theme.faint, theme.faint)
            };
            vec![
                Span::styled(pad(&cut(keys, KEYS - 1), KEYS), key),
                Span::styled(sign, text),
                Span::styled(pad(what, wide.saturating_sub(KEYS + 2)), text),
            ]
        }
        Entry::Blank => vec![Span::raw(" ".repeat(wide))],
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::input::Keymap;
    use crate::state::{Focus, Server};
    use crate::text::width;

    /// Nothing was asked, nothing plays.
    fn fresh(focus: Focus) -> State {
        let server = Server {
            host: "localhost:1".into(),
            is_vendor: false,
            is_sandbox: true,
            has_key: true,
        };
        let mut state = State::new(server, Arc::new(Keymap::standard()), "/music".into(), (140, 60));
        state.focus = focus;
        state
    }

    #[test]
    fn the_section_of_the_pane_at_hand_comes_first() {
        for size in [(140, 60), (100, 30), (80, 24), (40, 12)] {
            for focus in [Focus::Query, Focus::Filters, Focus::Results] {
                let (_, lines) = page(size, &fresh(focus), &Theme::mono());
                let first = lines[0].to_string();
                assert!(first.starts_with(focus.context().title()), "{size:?} {focus:?}: {first}");
                for context in Context::ALL {
                    let titles = lines.iter().filter(|line| line.to_string().contains(context.title())).count();
                    assert!(titles >= 1, "{size:?} {focus:?}: {context:?}");
                }
            }
        }
    }

    #[test]
    fn every_description_has_room() {
        for action in Action::ALL {
            assert!(width(action.description()) <= WHAT, "{}", action.description());
        }
        for size in [(140, 42), (100, 30), (80, 24)] {
            for line in page(size, &fresh(Focus::Results), &Theme::mono()).1 {
                let line = line.to_string().replace(" … ", "");
                assert!(!line.contains('…'), "{size:?}: {line}");
            }
        }
    }

    #[test]
    fn what_does_nothing_now_is_faint_and_has_a_sign() {
        let theme = Theme::dark();
        let mut state = fresh(Focus::Query);
        state.status.last = Some("said".into());
        let (_, lines) = page((80, 24), &state, &theme);
        for action in [
            Action::Download,
            Action::Peak,
            Action::Ask,
            Action::FilterClear,
            Action::Help,
            Action::Message,
        ] {
            let line = lines
                .iter()
                .find(|line| line.spans.last().is_some_and(|what| what.content.starts_with(action.description())));
            let spans = &line.unwrap().spans;
            let (sign, style) = if state.is_possible(action) {
                (NOT_NOW[1], theme.text)
            } else {
                (NOT_NOW[0], theme.faint)
            };
            assert_eq!((&*spans[1].content, spans[2].style), (sign, style), "{}", action.name());
        }
        assert!(state.is_possible(Action::Message) && !state.is_possible(Action::Download));
    }
}
