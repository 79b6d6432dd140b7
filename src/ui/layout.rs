//! Where each pane goes at each size of the terminal.

use ratatui::layout::Rect;

use crate::state::{Focus, State};

/// How much room there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Only a notice fits.
    TooSmall,
    /// Query, results and status.
    Small,
    /// One pane above the other.
    Stacked,
    /// Panes beside each other.
    Wide,
}

impl Class {
    /// The class of a terminal of so many columns and rows.
    pub fn of((columns, rows): (u16, u16)) -> Self {
        match () {
            () if columns < 30 || rows < 8 => Self::TooSmall,
            () if columns < 60 || rows < 15 => Self::Small,
            () if columns < 100 || rows < 24 => Self::Stacked,
            () => Self::Wide,
        }
    }
}

/// The place of each pane; `None`: not on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// How much room there is.
    pub class: Class,
    /// The query box.
    pub query: Rect,
    /// Credits; without a pane of their own they are in the border of the query box.
    pub credits: Option<Rect>,
    /// Filters; the same place as `results` where they lie over them.
    pub filters: Option<Rect>,
    /// Downloads of this session.
    pub downloads: Option<Rect>,
    /// The list of tracks.
    pub results: Rect,
    /// The selected track.
    pub detail: Option<Rect>,
    /// The player.
    pub player: Option<Rect>,
    /// The status line.
    pub status: Rect,
}

impl Layout {
    /// The layout for a size (columns, rows), where the focus is, and whether there are downloads to show.
    pub fn of(size: (u16, u16), focus: Focus, downloads: bool) -> Self {
        let screen = Rect::new(0, 0, size.0, size.1);
        match Class::of(size) {
            Class::TooSmall => Self::bare(screen),
            Class::Small => Self::small(screen, focus),
            Class::Stacked => Self::stacked(screen, focus),
            Class::Wide => Self::wide(screen, downloads),
        }
    }

    fn bare(screen: Rect) -> Self {
        Self {
            class: Class::TooSmall,
            query: Rect::ZERO,
            credits: None,
            filters: None,
            downloads: None,
            results: screen,
            detail: None,
            player: None,
            status: Rect::ZERO,
        }
    }

    fn small(screen: Rect, focus: Focus) -> Self {
        let (query, rest) = cut_top(screen, if screen.height >= 16 { 4 } else { 3 });
        let (rest, status) = cut_bottom(rest, 1);
        let (results, player) = if screen.height >= 18 {
            let (results, player) = cut_bottom(rest, 4);
            (results, Some(player))
        } else {
            (rest, None)
        };
        Self {
            class: Class::Small,
            query,
            filters: (focus == Focus::Filters).then_some(results),
            results,
            player,
            status,
            ..Self::bare(screen)
        }
    }

    fn stacked(screen: Rect, focus: Focus) -> Self {
        let (query, rest) = cut_top(screen, 4);
        let (rest, status) = cut_bottom(rest, 1);
        let (rest, player) = cut_bottom(rest, player_height(screen.height));
        let (rest, detail) = if screen.height >= 30 {
            let (rest, detail) = cut_bottom(rest, 5);
            (rest, Some(detail))
        } else {
            (rest, None)
        };
        let (filters, results) = if focus == Focus::Filters {
            let (filters, results) = cut_left(rest, 26);
            (Some(filters), results)
        } else {
            (None, rest)
        };
        Self {
            class: Class::Stacked,
            query,
            filters,
            results,
            detail,
            player: Some(player),
            status,
            ..Self::bare(screen)
        }
    }

    fn wide(screen: Rect, downloads: bool) -> Self {
        let side = (screen.width * 6 / 25).clamp(30, 48);
        let left = (screen.width / 6).clamp(22, 32);
        let (top, rest) = cut_top(screen, 4);
        let (query, credits) = cut_right(top, side);
        let (rest, status) = cut_bottom(rest, 1);
        let (rest, player) = cut_bottom(rest, player_height(screen.height));
        let (filters, rest) = cut_left(rest, left);
        let (results, detail) = cut_right(rest, side);
        let (filters, downloads) = if downloads && filters.height >= 22 {
            let (filters, downloads) = cut_bottom(filters, (filters.height - 15).min(11));
            (filters, Some(downloads))
        } else {
            (filters, None)
        };
        Self {
            class: Class::Wide,
            query,
            credits: Some(credits),
            filters: Some(filters),
            downloads,
            results,
            detail: Some(detail),
            player: Some(player),
            status,
        }
    }

    /// Whether the results have a line with the names of their columns.
    pub fn results_have_header(&self) -> bool {
        self.class != Class::Small && self.results.height >= 6
    }

    /// How many tracks fit into the results.
    pub fn results_rows(&self) -> usize {
        let borders_and_header = if self.results_have_header() { 3 } else { 2 };
        usize::from(self.results.height.saturating_sub(borders_and_header))
    }
}

/// How many rows of the results are on the screen of a terminal of this size (columns, rows); 0 where only a notice fits.
pub fn results_height(size: (u16, u16), state: &State) -> usize {
    let layout = Layout::of(size, state.focus, !state.downloads.is_empty());
    if layout.class == Class::TooSmall {
        0
    } else {
        layout.results_rows()
    }
}

/// The first row to show so that the selected one is on the screen, moved as little as possible from `offset`.
pub fn offset_in_view(offset: usize, selected: usize, rows: usize, height: usize) -> usize {
    let lowest = (selected + 1).saturating_sub(height);
    let last = rows.saturating_sub(height);
    offset.min(last).clamp(lowest.min(selected), selected)
}

/// The waveform gets taller where there is room.
fn player_height(rows: u16) -> u16 {
    match rows {
        0..18 => 3,
        18..30 => 4,
        30..38 => 5,
        _ => 6,
    }
}

fn cut_top(area: Rect, height: u16) -> (Rect, Rect) {
    let height = height.min(area.height);
    let rest = Rect::new(area.x, area.y + height, area.width, area.height - height);
    (Rect { height, ..area }, rest)
}

fn cut_bottom(area: Rect, height: u16) -> (Rect, Rect) {
    cut_top(area, area.height.saturating_sub(height))
}

fn cut_left(area: Rect, width: u16) -> (Rect, Rect) {
    let width = width.min(area.width);
    let rest = Rect::new(area.x + width, area.y, area.width - width, area.height);
    (Rect { width, ..area }, rest)
}

fn cut_right(area: Rect, width: u16) -> (Rect, Rect) {
    cut_left(area, area.width.saturating_sub(width))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOCI: [Focus; 3] = [Focus::Query, Focus::Filters, Focus::Results];

    #[test]
    fn panes_cover_the_screen_once() {
        for columns in (30..=220).step_by(7) {
            for rows in 8..=70 {
                for focus in FOCI {
                    for downloads in [false, true] {
                        let layout = Layout::of((columns, rows), focus, downloads);
                        let mut panes = vec![layout.query, layout.results, layout.status];
                        panes.extend(layout.filters.filter(|filters| *filters != layout.results));
                        panes.extend(
                            [layout.credits, layout.downloads, layout.detail, layout.player]
                                .into_iter()
                                .flatten(),
                        );
                        let covered: u32 = panes.iter().map(|pane| pane.area()).sum();
                        assert_eq!(covered, u32::from(columns) * u32::from(rows), "{columns}×{rows} {layout:?}");
                        for (index, pane) in panes.iter().enumerate() {
                            assert!(panes.iter().skip(index + 1).all(|other| !pane.intersects(*other)), "{layout:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_row_fits_at_every_size_that_is_not_too_small() {
        for columns in 1..=220 {
            for rows in 1..=70 {
                let layout = Layout::of((columns, rows), Focus::Results, true);
                assert!(
                    layout.class == Class::TooSmall || layout.results_rows() >= 2,
                    "{columns}×{rows}: {layout:?}"
                );
            }
        }
    }

    #[test]
    fn the_selected_row_is_in_view() {
        for height in 0..12 {
            for rows in 1..40 {
                for selected in 0..rows {
                    for offset in 0..50 {
                        let first = offset_in_view(offset, selected, rows, height);
                        assert!(first <= selected && selected < first + height.max(1));
                    }
                }
            }
        }
    }
}
