//! The query pane: the text box, what Enter costs, and the active filters as chips.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};

use super::layout::{Class, Layout};
use super::line::{columns, fit, sides};
use super::pane::Pane;
use super::theme::Theme;
use super::{credits, format, textbox};
use crate::api::Filters;
use crate::input::Action;
use crate::state::{Chip, Focus, Price, State};

const PROMPT: &str = "› ";
/// At the end of a chip: a click takes it away.
const SIGN: &str = "✕ ";
/// The row of the chips, counted from the pane's border.
const SECOND_LINE: u16 = 2;
const PLACEHOLDER: &str = "describe the music you are looking for";

/// Draws the pane, and places the cursor in it where it has the focus.
pub fn draw(frame: &mut Frame, layout: &Layout, state: &State, theme: &Theme) {
    let cursor = paint(frame.buffer_mut(), layout, state, theme);
    if let Some(cursor) = cursor.filter(|_| state.focus == Focus::Query && state.popups.is_empty()) {
        frame.set_cursor_position(cursor);
    }
}

/// Draws the pane, and says where the cursor of its box is, if that is on the screen.
fn paint(buf: &mut Buffer, layout: &Layout, state: &State, theme: &Theme) -> Option<Position> {
    let area = layout.query;
    let focused = state.focus == Focus::Query;
    let price = price(state, theme);
    let mut pane = Pane::new(vec![Span::raw("Query")], focused);
    if layout.credits.is_none() {
        pane = pane.corner(credits::brief(state, theme, usize::from(area.width).saturating_sub(16)));
    }
    if layout.class == Class::Small {
        pane = pane.foot_corner(price.clone());
    }
    let inside = pane.draw(buf, area, theme);
    let room = usize::from(inside.width);
    let price_room = if layout.class == Class::Small || columns(&price) * 2 > room {
        0
    } else {
        columns(&price)
    };
    let box_room = room.saturating_sub(PROMPT.chars().count() + if price_room > 0 { price_room + 2 } else { 0 });
    let view = textbox::view(&state.query.input, box_room);

    let prompt = Span::styled(PROMPT, if focused { theme.accent } else { theme.dim });
    let typed = if state.query.text().is_empty() {
        Span::styled(crate::text::cut(PLACEHOLDER, box_room), theme.faint)
    } else {
        Span::styled(view.text, if focused { theme.strong } else { theme.text })
    };
    let cursor = Position::new(inside.x + PROMPT.chars().count() as u16 + view.cursor, inside.y);
    let shown_price = if price_room > 0 { price.clone() } else { Vec::new() };
    put(buf, inside, 0, &sides(vec![prompt, typed], shown_price, room));
    if inside.height > 1 {
        put(
            buf,
            inside,
            1,
            &second_line(state, &price, price_room > 0 || layout.class == Class::Small, room, theme),
        );
    }
    Some(cursor).filter(|cursor| inside.contains(*cursor))
}

fn put(buf: &mut Buffer, area: Rect, row: u16, line: &Line) {
    if row < area.height {
        buf.set_line(area.x, area.y + row, line, area.width);
    }
}

/// Chips and a word on what the rows answer; or the price, where it is too long for the line of the text box.
fn second_line<'a>(state: &State, price: &[Span<'a>], price_is_shown: bool, room: usize, theme: &Theme) -> Line<'a> {
    if !price_is_shown {
        let mut line = vec![Span::raw("  ")];
        line.extend(price.iter().cloned());
        return Line::from(fit(line, room));
    }
    let shown = &state.query.shown.query;
    let answer = if shown.is_empty() || shown.trim() == state.query.text().trim() || state.results.all.is_empty() {
        Vec::new()
    } else {
        vec![
            Span::styled("the rows answer ", theme.faint),
            Span::styled(crate::text::cut(shown, room / 2), theme.dim),
        ]
    };
    let told = near(state, room, theme).or_else(|| seen_before(state, theme));
    let active = chip_words(&state.filters.active);
    let mut line = vec![Span::raw("  ")];
    // What is told about the typed words keeps its room; what the rows answer only takes what is left.
    let left = room.saturating_sub(told.as_ref().map_or(0, |told| columns(told) + 2));
    let answer = told.unwrap_or(answer);
    line.extend(chips(&active, left.saturating_sub(2), theme));
    line.extend(understood(state, left.saturating_sub(columns(&line)), theme));
    if line.len() == 1 {
        line.push(Span::styled("no filters", theme.faint));
    }
    sides(line, answer, room)
}

/// What is here already and nearly the same.
fn near<'a>(state: &State, room: usize, theme: &Theme) -> Option<Vec<Span<'a>>> {
    let near = state.query.near.as_ref().filter(|_| state.focus == Focus::Query)?;
    let key = state.keymap.keys(Action::ShowNear).next()?.to_string();
    Some(vec![
        Span::styled(format!("“{}” ", crate::text::cut(near.request.query(), room / 4)), theme.text),
        Span::styled(format!("asked {} ", format::age(near.age_seconds)), theme.dim),
        Span::styled(key, theme.key),
        Span::styled(" shows it, ", theme.dim),
        Span::styled("free", theme.success),
    ])
}

/// How much of what was seen before matches what is typed.
fn seen_before<'a>(state: &State, theme: &Theme) -> Option<Vec<Span<'a>>> {
    let found = state.live.found?;
    let words = match (found.whole, found.close) {
        (0, 0) => return Some(vec![Span::styled("nothing seen before matches", theme.faint)]),
        (0, 1) => "1 seen before comes close".to_owned(),
        (0, close) => format!("{close} seen before come close"),
        (1, _) => "1 seen before matches".to_owned(),
        (whole, _) => format!("{whole}{} seen before match", if found.more { "+" } else { "" }),
    };
    Some(vec![
        Span::styled(words, theme.dim),
        Span::styled(" · ", theme.faint),
        Span::styled("free", theme.success),
    ])
}

/// Words that are understood as filters and are none yet.
fn understood<'a>(state: &State, room: usize, theme: &Theme) -> Vec<Span<'a>> {
    let active = &state.filters.active;
    let news: Vec<String> = state
        .live
        .chips()
        .filter(|chip| {
            let mut with = active.clone();
            !chip.add_to(&mut with) || with != *active
        })
        .map(crate::words::Term::label)
        .collect();
    if news.is_empty() || state.focus != Focus::Query {
        return Vec::new();
    }
    let key = |action| state.keymap.keys(action).next().map(ToString::to_string);
    let mut line: Vec<Span> = Vec::new();
    for (index, word) in news.iter().enumerate() {
        let piece = Span::styled(format!("‹{}› ", crate::text::cut(word, 24)), theme.accent);
        let reserve = if index + 1 < news.len() { 4 } else { 0 };
        if columns(&line) + crate::text::width(&piece.content) + reserve > room {
            line.push(Span::styled(format!("+{} ", news.len() - index), theme.dim));
            break;
        }
        line.push(piece);
    }
    if let Some(key) = key(Action::UseWords) {
        let hint = vec![Span::styled(key, theme.key), Span::styled(" as filters", theme.dim)];
        if columns(&line) + columns(&hint) <= room {
            line.extend(hint);
        }
    }
    line
}

/// As many chips as fit; the rest is a number.
fn chips<'a>(words: &[String], room: usize, theme: &Theme) -> Vec<Span<'a>> {
    let mut line = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let chip = vec![
            Span::styled(format!(" {} ", crate::text::cut(word, 28)), theme.chip),
            Span::styled(SIGN, theme.chip.patch(theme.dim)),
            Span::raw(" "),
        ];
        let more = words.len() - index;
        let reserve = if more > 1 { 4 } else { 0 };
        if columns(&line) + columns(&chip) + reserve > room {
            line.push(Span::styled(format!("+{more}"), theme.dim));
            break;
        }
        line.extend(chip);
    }
    line
}

/// Each active filter in words.
pub fn chip_words(filters: &Filters) -> Vec<String> {
    Chip::all(filters).iter().map(Chip::words).collect()
}

/// The chip whose ✕ is drawn at this place, by its place among the chips: the pane is drawn once more, with colours of their own for the signs.
pub fn chip_at(layout: &Layout, state: &State, at: Position) -> Option<usize> {
    if at.y != layout.query.y + SECOND_LINE {
        return None;
    }
    let (ground, sign) = (Color::Indexed(1), Color::Indexed(2));
    let theme = Theme {
        chip: Style::new().bg(ground),
        dim: Style::new().fg(sign),
        ..Theme::mono()
    };
    let mut buf = Buffer::empty(layout.query);
    paint(&mut buf, layout, state, &theme);
    let is_sign = |x: &u16| buf.cell((*x, at.y)).is_some_and(|cell| cell.bg == ground && cell.fg == sign);
    if !is_sign(&at.x) {
        return None;
    }
    let signs = (layout.query.x..at.x).filter(is_sign).count();
    Some(signs / crate::text::width(SIGN))
}

/// What Enter costs now.
fn price<'a>(state: &State, theme: &Theme) -> Vec<Span<'a>> {
    let enter = |style| Span::styled("⏎ ", style);
    match &state.query.price {
        Price::Nothing => vec![Span::styled("typing is free", theme.faint)],
        Price::Checking => vec![Span::styled("checking…", theme.dim)],
        Price::OneCredit => vec![
            enter(theme.key),
            Span::styled(format!("ask {}: ", format::server_name(&state.server)), theme.dim),
            Span::styled("1 credit", theme.warning),
        ],
        Price::Cached { age_seconds } => vec![
            enter(theme.key),
            Span::styled("free", theme.success),
            Span::styled(format!(" · asked {}", format::age(*age_seconds)), theme.dim),
        ],
        Price::Invalid(problem) => vec![Span::styled("fix: ", theme.warning), Span::styled(problem.clone(), theme.text)],
        Price::Refused(problem) => vec![Span::styled("✕ ", theme.error), Span::styled(problem.clone(), theme.text)],
    }
}
