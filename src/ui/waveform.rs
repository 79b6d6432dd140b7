//! A waveform of block characters.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::theme::Theme;
use crate::audio::{COLUMNS_PER_SECOND, Waveform};

const BLOCKS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// Music this quiet throughout is not blown up to full height.
const QUIET: f32 = 0.05;

/// What to draw.
#[derive(Debug, Clone, Copy)]
pub struct Shape<'a> {
    /// The levels.
    pub waveform: &'a Waveform,
    /// How much time the whole width stands for.
    pub length: Duration,
    /// What was played so far is bright.
    pub position: Duration,
    /// Outside these it is faint.
    pub within: (Option<Duration>, Option<Duration>),
}

/// The level of each of `columns` columns, 0.0 to 1.0 of the loudest; `None` where nothing is decoded yet.
pub fn resample(waveform: &Waveform, length: Duration, columns: usize) -> Vec<Option<f32>> {
    let levels = &waveform.levels;
    let total = (length.as_secs_f64() * COLUMNS_PER_SECOND as f64).max(1.0);
    let loudest = levels.iter().copied().filter(|level| level.is_finite()).fold(QUIET, f32::max);
    (0..columns)
        .map(|column| {
            let start = (column as f64 / columns as f64 * total) as usize;
            let end = (((column + 1) as f64 / columns as f64 * total) as usize).max(start + 1);
            let part = levels.get(start..end.min(levels.len())).filter(|part| !part.is_empty())?;
            let level = part.iter().copied().filter(|level| level.is_finite()).fold(0.0, f32::max);
            Some((level / loudest).clamp(0.0, 1.0))
        })
        .collect()
}

/// The column of a moment, if it is inside.
pub fn column_of(moment: Duration, length: Duration, columns: u16) -> Option<u16> {
    if length.is_zero() || columns == 0 {
        return None;
    }
    let share = moment.as_secs_f64() / length.as_secs_f64();
    (share <= 1.0).then(|| ((share * f64::from(columns)) as u16).min(columns - 1))
}

/// Draws it over the whole area, growing upwards.
pub fn draw(buf: &mut Buffer, area: Rect, shape: &Shape, theme: &Theme) {
    let levels = resample(shape.waveform, shape.length, area.width.into());
    let steps = f32::from(area.height) * 8.0;
    let played = column_of(shape.position, shape.length, area.width).unwrap_or(0);
    let place = |moment: Option<Duration>| moment.and_then(|moment| column_of(moment, shape.length, area.width));
    let (first, last) = (place(shape.within.0).unwrap_or(0), place(shape.within.1).unwrap_or(u16::MAX));
    for (column, level) in (0u16..).zip(levels) {
        let x = area.x + column;
        let Some(level) = level else {
            if !shape.waveform.complete && area.height > 0 {
                buf.set_string(x, area.bottom() - 1, "·", theme.faint);
            }
            continue;
        };
        // Silence keeps a thin line, so that the music is seen to go on.
        let mut height = ((level * steps).round() as usize).max(1);
        let style = match () {
            () if column < first || column > last => theme.faint,
            () if column < played || (column == 0 && !shape.position.is_zero()) => theme.wave_played,
            () => theme.wave_ahead,
        };
        for row in (0..area.height).rev() {
            let part = height.min(8);
            height -= part;
            if part > 0 {
                buf.set_string(x, area.y + row, BLOCKS[part], style);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(levels: Vec<f32>) -> Waveform {
        Waveform { levels, complete: true }
    }

    #[test]
    fn a_column_shows_the_loudest_of_its_time() {
        let levels: Vec<f32> = (0..200).map(|i| if i == 150 { 1.0 } else { 0.1 }).collect();
        let columns = resample(&wave(levels), Duration::from_secs(10), 10);
        assert_eq!(columns.iter().position(|level| *level == Some(1.0)), Some(7));
        assert_eq!(columns.iter().filter(|level| **level == Some(0.1)).count(), 9);
    }

    #[test]
    fn what_is_not_decoded_yet_is_left_open() {
        let columns = resample(&wave(vec![0.5; 100]), Duration::from_secs(10), 10);
        assert_eq!(columns.iter().filter(|level| level.is_some()).count(), 5);
        assert!(columns[..5].iter().all(Option::is_some));
    }

    #[test]
    fn odd_input_does_no_harm() {
        for levels in [vec![], vec![f32::NAN, f32::INFINITY, -3.0, 0.2]] {
            for length in [Duration::ZERO, Duration::from_millis(1), Duration::from_secs(1_000_000)] {
                for columns in [0, 1, 7, 500] {
                    let all = resample(&wave(levels.clone()), length, columns);
                    assert_eq!(all.len(), columns);
                    assert!(all.iter().flatten().all(|level| (0.0..=1.0).contains(level)));
                }
            }
        }
        assert_eq!(column_of(Duration::from_secs(3), Duration::ZERO, 10), None);
        assert_eq!(column_of(Duration::from_secs(10), Duration::from_secs(10), 10), Some(9));
        assert_eq!(column_of(Duration::from_secs(11), Duration::from_secs(10), 10), None);
    }
}
