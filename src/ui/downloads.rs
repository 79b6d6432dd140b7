//! Downloads of this session.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::line::{fit, stack};
use super::pane::Pane;
use super::theme::Theme;
use super::{gauge, spinner};
use crate::state::{Download, DownloadPhase, State};

/// Draws the pane, the newest download first.
pub fn draw(buf: &mut Buffer, area: Rect, state: &State, theme: &Theme) {
    let running = state.downloads.iter().filter(|download| download.running()).count();
    let corner = if running == 0 {
        Vec::new()
    } else {
        vec![Span::styled(running.to_string(), theme.accent)]
    };
    let inside = Pane::new(vec![Span::raw("Downloads")], false).corner(corner).draw(buf, area, theme);
    let room = usize::from(inside.width);
    let lines: Vec<Line> = state
        .downloads
        .iter()
        .rev()
        .take(inside.height.into())
        .flat_map(|download| {
            [
                Line::from(fit(vec![Span::styled(download.track.title.as_str(), theme.text)], room)),
                Line::from(fit(progress(download, room, state, theme), room)),
                Line::default(),
            ]
        })
        .collect();
    stack(buf, inside, &lines);
}

/// How far a download is, in one line.
pub fn progress<'a>(download: &'a Download, room: usize, state: &State, theme: &Theme) -> Vec<Span<'a>> {
    match &download.phase {
        DownloadPhase::Queued => vec![Span::styled("queued", theme.faint)],
        DownloadPhase::Receiving { received, total } => match share(*received, *total) {
            Some(share) => {
                let mut line = gauge::bar(share, room.saturating_sub(6).min(20), theme.gauge, theme);
                line.push(Span::styled(format!(" {:>2.0} %", share * 100.0), theme.dim));
                line
            }
            None => vec![
                Span::styled(format!("{} ", spinner::glyph(state.now)), theme.accent),
                Span::styled(bytes(*received), theme.dim),
            ],
        },
        DownloadPhase::Done(path) => {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            vec![Span::styled("✓ ", theme.success), Span::styled(name, theme.dim)]
        }
        DownloadPhase::Failed(problem) => vec![Span::styled("✕ ", theme.error), Span::styled(problem.as_str(), theme.dim)],
    }
}

/// What the running ones are doing together, for the status line.
pub fn summary<'a>(state: &State, theme: &Theme) -> Vec<Span<'a>> {
    let running: Vec<&Download> = state.downloads.iter().filter(|download| download.running()).collect();
    if running.is_empty() {
        return Vec::new();
    }
    let mut text = format!("downloading {}", running.len());
    let sizes: Option<Vec<(u64, u64)>> = running
        .iter()
        .map(|download| match download.phase {
            DownloadPhase::Receiving {
                received,
                total: Some(total),
            } => Some((received, total)),
            _ => None,
        })
        .collect();
    let together = sizes.and_then(|sizes| {
        let sum = |pick: fn(&(u64, u64)) -> u64| sizes.iter().map(pick).fold(0, u64::saturating_add);
        share(sum(|size| size.0), Some(sum(|size| size.1)))
    });
    if let Some(share) = together {
        use std::fmt::Write as _;
        let _ = write!(text, " · {:.0} %", share * 100.0);
    }
    vec![
        Span::styled(format!("{} ", spinner::glyph(state.now)), theme.accent),
        Span::styled(text, theme.text),
    ]
}

fn share(received: u64, total: Option<u64>) -> Option<f64> {
    total
        .filter(|total| *total > 0)
        .map(|total| (received as f64 / total as f64).min(1.0))
}

fn bytes(number: u64) -> String {
    match number {
        0..1_000_000 => format!("{} kB", number / 1000),
        _ => format!("{:.1} MB", number as f64 / 1e6),
    }
}
