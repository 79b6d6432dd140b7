//! All fields of the selected track.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::line::{columns, fit, joined, stack};
use super::pane::Pane;
use super::theme::Theme;
use super::wrap::wrap;
use super::{downloads, format};
use crate::api::Track;
use crate::state::{Download, State};
use crate::text::Clean;

/// The column where values start.
const LABEL: usize = 8;

/// Draws the pane: a column where it is tall, a few full lines where it is flat.
pub fn draw(buf: &mut Buffer, area: Rect, state: &State, theme: &Theme) {
    let Some(track) = state.selected() else {
        let inside = Pane::new(vec![Span::raw("Track")], false).draw(buf, area, theme);
        stack(buf, inside, &[Line::styled("no track selected", theme.faint)]);
        return;
    };
    let flat = area.height < 10;
    let foot = vec![Span::styled(track.id.as_str(), theme.faint)];
    let inside = Pane::new(vec![Span::raw("Track")], false).foot_corner(foot).draw(buf, area, theme);
    let room = usize::from(inside.width);
    let lines = if flat {
        flat_lines(track, state, room, theme)
    } else {
        tall_lines(track, state, room, theme)
    };
    stack(buf, inside, &lines);
}

fn tall_lines<'a>(track: &'a Track, state: &'a State, room: usize, theme: &Theme) -> Vec<Line<'a>> {
    let mut lines: Vec<Line> = wrap(&track.title, room)
        .into_iter()
        .map(|line| Line::styled(line, theme.strong))
        .collect();
    lines.truncate(4);
    lines.extend(
        wrap(&track.artist, room)
            .into_iter()
            .take(2)
            .map(|line| Line::styled(line, theme.dim)),
    );
    lines.push(Line::default());
    let mut field = |label: &str, value: String| {
        for (index, line) in wrap(&value, room.saturating_sub(LABEL))
            .into_iter()
            .enumerate()
            .filter(|(_, line)| !line.is_empty())
        {
            let label = if index == 0 { label } else { "" };
            lines.push(Line::from(vec![
                Span::styled(crate::text::pad(label, LABEL), theme.faint),
                Span::styled(line, theme.text),
            ]));
        }
    };
    field("Genre", genres(track));
    field("Mood", list(&track.moods));
    field("Energy", energy(track));
    field("Tempo", format::bpm(track).map(|bpm| format!("{bpm} BPM")).unwrap_or_default());
    field("Key", track.key.as_deref().unwrap_or_default().to_owned());
    field("Length", track.duration_seconds.map(format::clock_seconds).unwrap_or_default());
    field("Vocals", vocals(track).to_owned());
    field("Instr.", list(&track.instruments));
    let notes = notes(track, state, theme);
    if !notes.is_empty() {
        lines.push(Line::default());
        lines.extend(notes.into_iter().map(|note| Line::from(fit(note, room))));
    }
    if let Some(download) = download_of(track, state) {
        lines.push(Line::default());
        lines.push(Line::from(fit(downloads::progress(download, room, state, theme), room)));
    }
    lines
}

fn flat_lines<'a>(track: &'a Track, state: &'a State, room: usize, theme: &Theme) -> Vec<Line<'a>> {
    let dot = Span::styled(" · ", theme.faint);
    let some = |texts: Vec<String>| {
        let groups = texts
            .into_iter()
            .filter(|text| !text.is_empty())
            .map(|text| vec![Span::styled(text, theme.text)])
            .collect();
        Line::from(joined(groups, &dot, room))
    };
    let mut head = vec![Span::styled(track.title.as_str(), theme.strong)];
    if !track.artist.is_empty() {
        head.extend([dot.clone(), Span::styled(track.artist.as_str(), theme.dim)]);
    }
    let notes = joined(notes(track, state, theme), &Span::raw("  "), room);
    let room_left = room.saturating_sub(columns(&notes) + 2);
    vec![
        super::line::sides(fit(head, room_left), notes, room),
        some(vec![genres(track), list(&track.moods), energy(track)]),
        some(vec![
            format::bpm(track).map(|bpm| format!("{bpm} BPM")).unwrap_or_default(),
            track.key.as_deref().unwrap_or_default().to_owned(),
            track.duration_seconds.map(format::clock_seconds).unwrap_or_default(),
            vocals(track).to_owned(),
            list(&track.instruments),
        ]),
    ]
}

fn genres(track: &Track) -> String {
    let parent = track.genre.as_deref().unwrap_or_default();
    let finer = list(&track.subgenres);
    match (parent.is_empty(), finer.is_empty()) {
        (false, false) => format!("{parent} › {finer}"),
        (false, true) => parent.to_owned(),
        _ => finer,
    }
}

fn list(words: &[Clean]) -> String {
    words.iter().map(Clean::as_str).collect::<Vec<_>>().join(", ")
}

fn energy(track: &Track) -> String {
    track.energy.as_ref().map_or_else(String::new, |energy| {
        format!("{} {}", format::energy_bars(Some(energy)).trim(), energy.as_str())
    })
}

fn vocals(track: &Track) -> &'static str {
    match track.has_vocals {
        Some(true) => "with vocals",
        Some(false) => "instrumental",
        None => "",
    }
}

fn notes<'a>(track: &Track, state: &State, theme: &Theme) -> Vec<Vec<Span<'a>>> {
    let marks = &state.marks;
    let note = |glyph, style, text| vec![Span::styled(glyph, style), Span::styled(text, theme.dim)];
    let mut notes = Vec::new();
    if marks.owned.contains(&track.id) {
        notes.push(note("✓ ", theme.success, "owned"));
    }
    if marks.shortlisted.contains(&track.id) {
        notes.push(note("★ ", theme.warning, "shortlisted"));
    }
    if marks.rejected.contains(&track.id) {
        notes.push(note("✕ ", theme.dim, "rejected"));
    }
    if marks.heard.contains(&track.id) {
        notes.push(note("· ", theme.dim, "heard"));
    }
    notes
}

fn download_of<'a>(track: &Track, state: &'a State) -> Option<&'a Download> {
    state.downloads.iter().rev().find(|download| download.track.id == track.id)
}
