//! The clip panel: length, hit point, and the part it will probably be, drawn on the waveform.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use tui_input::Input;

use super::window::{self, Window, field, room};
use crate::state::{ClipEntry, ClipField, ClipPanel, Ownership, PRESETS, Phase, State};
use crate::ui::format::{clock, clock_seconds};
use crate::ui::line::{columns, fit, joined};
use crate::ui::player::phase_glyph;
use crate::ui::textbox;
use crate::ui::theme::Theme;
use crate::ui::waveform::{self, Shape, column_of};
use crate::ui::wrap::wrap;

/// Columns of content, where there is room.
const COLUMNS: usize = 92;
/// Columns of a label.
const LABEL: usize = 12;
/// Rows of the waveform, where there is room.
const WAVE: usize = 4;
/// What the preview may fall short of the track by and still count as all of it, in seconds.
const SAME_LENGTH: f64 = 1.5;

/// What it says of buying the whole track instead.
pub(crate) const FULL_TRACK_HINT: &str = "Buy the full track once and cut 15, 30 and 60 s yourself: 1 credit instead of 3. \
                                          Trackyard's licence page (trackyard.com) says what your licence allows.";

/// A line, and how soon it has to go where there are too few rows; 0 stays.
struct Row<'a> {
    goes: u8,
    what: What<'a>,
}

enum What<'a> {
    Text(Line<'a>),
    /// The waveform, so many rows high.
    Wave(usize),
    /// The part, below the waveform.
    Marks,
}

/// Draws it, and says where the cursor of its box is, if one is open.
pub fn draw(buf: &mut Buffer, panel: &ClipPanel, state: &State, theme: &Theme) -> Option<Position> {
    let size = (buf.area.width, buf.area.height);
    let (wide, _) = room(size, (COLUMNS, 1));
    let mut rows = rows(panel, state, wide, theme);
    let height = |rows: &[Row]| -> usize { rows.iter().map(|row| if let What::Wave(high) = row.what { high } else { 1 }).sum() };
    let (_, high) = room(size, (COLUMNS, height(&rows)));
    while height(&rows) > high {
        if let Some(wave) = rows.iter_mut().find_map(|row| match &mut row.what {
            What::Wave(high) if *high > 1 => Some(high),
            _ => None,
        }) {
            *wave -= 1;
            continue;
        }
        let Some(last) = (0..rows.len()).filter(|row| rows[*row].goes > 0).max_by_key(|row| rows[*row].goes) else {
            break;
        };
        rows.remove(last);
    }
    let window = Window {
        title: "Fit a clip · estimate",
        foot: keys(panel, wide, theme),
        foot_corner: Vec::new(),
    };
    let inside = window.open(buf, (COLUMNS, height(&rows)), theme);
    let mut y = inside.y;
    for row in rows {
        let lines = if let What::Wave(high) = row.what { high as u16 } else { 1 };
        let area = Rect::new(inside.x, y, inside.width, lines).intersection(inside);
        if area.is_empty() {
            break;
        }
        match row.what {
            What::Text(line) => {
                let line = Line::from(fit(line.spans, wide));
                buf.set_line(area.x, area.y, &line, area.width);
            }
            What::Wave(_) => draw_wave(buf, area, panel, state, theme),
            What::Marks => draw_marks(buf, area, panel, state, theme),
        }
        y += lines;
    }
    let (ClipEntry::Value(input) | ClipEntry::File(input)) = panel.typing.as_ref()?;
    cursor(buf, inside, panel, input)
}

/// The text cursor stands in the line that is typed.
fn cursor(buf: &Buffer, inside: Rect, panel: &ClipPanel, input: &Input) -> Option<Position> {
    let label = match (&panel.typing, panel.field) {
        (Some(ClipEntry::File(_)), _) => FILE,
        (_, ClipField::Length) => LENGTH,
        (_, ClipField::HitPoint) => HIT_POINT,
    };
    let line = |y: u16| -> String {
        let cells = (inside.x..inside.right()).filter_map(|x| buf.cell((x, y)));
        cells.map(ratatui::buffer::Cell::symbol).collect()
    };
    let y = (inside.y..inside.bottom()).find(|y| line(*y).trim_start_matches(['▸', ' ']).starts_with(label))?;
    let view = textbox::view(input, usize::from(inside.width).saturating_sub(LABEL));
    Some(Position::new(inside.x + LABEL as u16 + view.cursor, y)).filter(|cursor| inside.contains(*cursor))
}

const LENGTH: &str = "Length";
const HIT_POINT: &str = "Hit point";
const FILE: &str = "File";

fn rows<'a>(panel: &'a ClipPanel, state: &State, wide: usize, theme: &Theme) -> Vec<Row<'a>> {
    let text = |goes: u8, line: Line<'a>| Row {
        goes,
        what: What::Text(line),
    };
    let mut title = vec![Span::styled(panel.track.title.as_str(), theme.strong)];
    if !panel.track.artist.is_empty() {
        title.push(Span::styled(format!(" · {}", panel.track.artist), theme.dim));
    }
    let mut rows = vec![text(5, Line::from(title)), text(9, Line::default())];
    rows.push(text(0, length_line(panel, wide, theme)));
    rows.push(text(0, hit_line(panel, wide, theme)));
    if let Some(ClipEntry::File(input)) = &panel.typing {
        let view = textbox::view(input, wide.saturating_sub(LABEL));
        let shown = if input.value().is_empty() {
            Span::styled("path of a video or voice file (MP4, MOV, WAV)", theme.faint)
        } else {
            Span::styled(view.text, theme.strong)
        };
        rows.push(text(0, labelled(FILE, true, vec![shown], theme)));
    }
    rows.push(text(8, Line::default()));
    rows.push(Row {
        goes: 4,
        what: What::Wave(WAVE),
    });
    rows.push(Row {
        goes: 3,
        what: What::Marks,
    });
    rows.push(text(7, Line::default()));
    rows.push(text(0, field_line("Estimate", estimate_words(panel, state, theme), theme)));
    rows.push(text(2, field_line("Heard", heard_words(panel, state, theme), theme)));
    rows.push(text(6, Line::default()));
    let (said, style) = match (&panel.problem, &panel.full) {
        (Some(problem), _) => (problem.clone(), theme.warning),
        (None, _) if panel.cutting => ("Cutting…".to_owned(), theme.accent),
        (None, Ownership::Owned(_)) => (
            "✓ You own the full track: c cuts this clip from your file, for nothing.".to_owned(),
            theme.success,
        ),
        (None, _) => match panel.unknown_ownership() {
            Some(why) => (why, theme.warning),
            None => (FULL_TRACK_HINT.to_owned(), theme.dim),
        },
    };
    let goes = u8::from(panel.problem.is_none());
    rows.extend(
        wrap(&said, wide)
            .into_iter()
            .take(3)
            .map(|line| text(goes, Line::from(Span::styled(line, style)))),
    );
    rows
}

fn labelled<'a>(label: &str, focused: bool, value: Vec<Span<'a>>, theme: &Theme) -> Line<'a> {
    let pointer = if focused { "▸" } else { " " };
    let mut line = vec![
        Span::styled(pointer, theme.accent),
        Span::styled(crate::text::pad(label, LABEL - 1), if focused { theme.text } else { theme.faint }),
    ];
    line.extend(value);
    Line::from(line)
}

fn field_line<'a>(label: &str, value: Vec<Span<'a>>, theme: &Theme) -> Line<'a> {
    let mut line = field(&format!(" {label}"), Vec::new(), theme);
    line.spans.push(Span::raw(" ".repeat(LABEL - window::LABEL)));
    line.spans.extend(value);
    line
}

/// The value that is typed, where it is typed.
fn typed<'a>(panel: &'a ClipPanel, of: ClipField, wide: usize, theme: &Theme) -> Option<Vec<Span<'a>>> {
    match &panel.typing {
        Some(ClipEntry::Value(input)) if panel.field == of => {
            let view = textbox::view(input, wide.saturating_sub(LABEL));
            Some(vec![
                Span::styled(view.text, theme.strong),
                Span::styled("  s, or 1:07 · Enter", theme.faint),
            ])
        }
        _ => None,
    }
}

fn length_line<'a>(panel: &'a ClipPanel, wide: usize, theme: &Theme) -> Line<'a> {
    let focused = panel.field == ClipField::Length && !matches!(panel.typing, Some(ClipEntry::File(_)));
    if let Some(value) = typed(panel, ClipField::Length, wide, theme) {
        return labelled(LENGTH, focused, value, theme);
    }
    let mut value = Vec::new();
    for preset in PRESETS {
        let chosen = panel.length_of.is_none() && (panel.seconds - preset).abs() < 1e-6;
        let style = if chosen { theme.chip } else { theme.dim };
        value.push(Span::styled(format!(" {preset} s "), style));
        value.push(Span::raw(" "));
    }
    let other = !PRESETS.iter().any(|preset| (panel.seconds - preset).abs() < 1e-6) || panel.length_of.is_some();
    if other {
        value.push(Span::styled(format!(" {} s ", panel.seconds), theme.chip));
        if let Some(name) = &panel.length_of {
            value.push(Span::styled(format!("  of {name}"), theme.dim));
        }
    }
    labelled(LENGTH, focused, value, theme)
}

fn hit_line<'a>(panel: &'a ClipPanel, wide: usize, theme: &Theme) -> Line<'a> {
    let focused = panel.field == ClipField::HitPoint && !matches!(panel.typing, Some(ClipEntry::File(_)));
    if let Some(value) = typed(panel, ClipField::HitPoint, wide, theme) {
        return labelled(HIT_POINT, focused, value, theme);
    }
    let value = match panel.hit_point {
        Some(hit) => vec![
            Span::styled(format!("{hit:.1} s"), theme.strong),
            Span::styled("  the peak lands there, ±1 s", theme.dim),
        ],
        None => vec![
            Span::styled("none", theme.text),
            Span::styled("  m sets it where the clip is now", theme.dim),
        ],
    };
    labelled(HIT_POINT, focused, value, theme)
}

/// A moment, to a tenth of a second; before the preview it is negative.
fn moment(seconds: f64) -> String {
    let tenths = (seconds.abs() * 10.0).round() as u64;
    let sign = if seconds < 0.0 && tenths > 0 { "−" } else { "" };
    format!("{sign}{}:{:02}.{}", tenths / 600, tenths / 10 % 60, tenths % 10)
}

fn estimate_words<'a>(panel: &ClipPanel, state: &State, theme: &Theme) -> Vec<Span<'a>> {
    let Some(segment) = panel.estimate else {
        let why = match &state.player.phase {
            Phase::Failed(why) => format!("none: {why}"),
            _ => "listening to the preview…".to_owned(),
        };
        return vec![Span::styled(why, theme.dim)];
    };
    let mut words = vec![
        Span::styled(format!("{}–{}", moment(segment.start), moment(segment.end())), theme.strong),
        Span::styled(" of the preview", theme.dim),
    ];
    if let Some(peak) = segment.peak {
        words.push(Span::styled(format!(", its peak at {:.1} s", peak - segment.start), theme.dim));
    }
    words
}

/// How much of the track the preview is, and whether that is enough.
fn heard_words<'a>(panel: &ClipPanel, state: &State, theme: &Theme) -> Vec<Span<'a>> {
    let Some(heard) = state.player.features.as_ref().map(|features| features.seconds()) else {
        return vec![Span::styled("…", theme.faint)];
    };
    let mut words = match panel.track.duration_seconds {
        Some(track) if (track - heard).abs() <= SAME_LENGTH => vec![Span::styled("the whole track", theme.text)],
        Some(track) => vec![Span::styled(
            format!("the preview is {} of {}", clock_seconds(heard), clock_seconds(track)),
            theme.text,
        )],
        None => vec![Span::styled(format!("the preview is {} long", clock_seconds(heard)), theme.text)],
    };
    if let Some(segment) = panel.estimate {
        let (from, to) = segment.audible(heard);
        if to - from < segment.seconds - 0.2 {
            words.push(Span::styled(
                format!(", {:.0} s of this clip's {:.0}", to - from, segment.seconds),
                theme.warning,
            ));
        }
    }
    words
}

fn keys<'a>(panel: &ClipPanel, wide: usize, theme: &Theme) -> Vec<Span<'a>> {
    let hints: &[(&str, &str)] = if panel.typing.is_some() {
        &[("Enter", "takes it"), ("Esc", "leaves it")]
    } else if matches!(panel.full, Ownership::Owned(_)) {
        &[
            ("c", "cut, free"),
            ("Space", "pause"),
            ("m", "hit point"),
            ("x", "no hit point"),
            ("f", "length of a file"),
            ("←→", "change"),
            ("d", "buy…"),
            ("Esc", "closes"),
        ]
    } else {
        &[
            ("d", "buy…"),
            ("Space", "pause"),
            ("m", "hit point"),
            ("x", "no hit point"),
            ("f", "length of a file"),
            ("←→", "change"),
            ("Esc", "closes"),
        ]
    };
    let groups = hints
        .iter()
        .map(|(key, what)| {
            vec![
                Span::styled((*key).to_owned(), theme.key),
                Span::styled(format!(" {what}"), theme.dim),
            ]
        })
        .collect();
    joined(groups, &Span::raw("   "), wide)
}

/// Seconds as a duration; one that is none is very long.
fn seconds_long(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

/// The time that the width stands for.
fn length(state: &State) -> Duration {
    let decoded = state.player.waveform.levels.len() as f64 / crate::audio::COLUMNS_PER_SECOND as f64;
    state.player.length.unwrap_or(seconds_long(decoded))
}

/// The part that can be heard, as columns: first and last.
fn part(panel: &ClipPanel, state: &State, columns: u16) -> Option<(u16, u16)> {
    let segment = panel.estimate?;
    let length = length(state);
    let (from, to) = segment.audible(length.as_secs_f64());
    let column = |seconds: f64| column_of(seconds_long(seconds), length, columns);
    Some((column(from)?, column(to)?))
}

fn draw_wave(buf: &mut Buffer, area: Rect, panel: &ClipPanel, state: &State, theme: &Theme) {
    let player = &state.player;
    let segment = panel.estimate.map(|segment| segment.audible(length(state).as_secs_f64()));
    let shape = Shape {
        waveform: &player.waveform,
        length: length(state),
        position: player.position,
        glyphs: state.glyphs,
        within: (segment.map(|(from, _)| seconds_long(from)), segment.map(|(_, to)| seconds_long(to))),
    };
    waveform::draw(buf, area, &shape, theme);
}

/// The part as a bar, with its peak and the place that sounds; arrows where it goes on beyond the preview.
fn draw_marks(buf: &mut Buffer, area: Rect, panel: &ClipPanel, state: &State, theme: &Theme) {
    let (Some(segment), Some((first, last))) = (panel.estimate, part(panel, state, area.width)) else {
        return;
    };
    let length = length(state);
    for x in first..=last {
        buf.set_string(area.x + x, area.y, "━", theme.accent);
    }
    let before = if segment.start < 0.0 { "◂" } else { "┣" };
    let after = if segment.end() > length.as_secs_f64() + 0.1 { "▸" } else { "┫" };
    buf.set_string(area.x + first, area.y, before, theme.accent);
    buf.set_string(area.x + last, area.y, after, theme.accent);
    let inside = |seconds: f64| {
        (seconds >= 0.0)
            .then(|| column_of(seconds_long(seconds), length, area.width))
            .flatten()
    };
    if let Some(peak) = segment.peak.and_then(inside) {
        buf.set_string(area.x + peak, area.y, "◆", theme.strong);
    }
    if let Some(at) = column_of(state.player.position, length, area.width) {
        buf.set_string(area.x + at, area.y, "┃", theme.strong);
    }
    let times = vec![
        Span::styled(format!("{} ", phase_glyph(&state.player.phase)), theme.accent),
        Span::styled(clock(state.player.position), theme.dim),
    ];
    let wide = columns(&times) as u16;
    // Where the bar leaves room for it.
    let x = if last + 2 + wide <= area.width {
        Some(area.width - wide)
    } else {
        (first >= wide + 2).then_some(0)
    };
    if let Some(x) = x {
        buf.set_line(area.x + x, area.y, &Line::from(times), wide);
    }
}
