//! A waveform of block or braille characters, or of plain ones where a terminal has no others: as high as the music is loud, and
//! brighter where its energy is.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::theme::{RAMP, Theme};
use crate::audio::{COLUMNS_PER_SECOND, Waveform};
use crate::config::Glyphs;

const BLOCKS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const PLAIN: [&str; 5] = [" ", ".", ":", "|", "#"];
/// The dots of the left half of a braille cell from the bottom up, and those of the right half.
const DOTS: [[u32; 4]; 2] = [[0x40, 0x04, 0x02, 0x01], [0x80, 0x20, 0x10, 0x08]];
const BRAILLE: u32 = 0x2800;

/// Music this quiet throughout is not blown up to full height.
const QUIET: f32 = 0.05;
/// Energy is that of so many levels at least, 0.4 s: of a passage, not of a beat.
const PASSAGE: usize = 2 * COLUMNS_PER_SECOND / 5;
/// The ramp ends at what is so many dB below the most energetic passage.
const RAMP_DB: f32 = 18.0;

/// What to draw.
#[derive(Debug, Clone, Copy)]
pub struct Shape<'a> {
    /// The levels.
    pub waveform: &'a Waveform,
    /// How much time the whole width stands for.
    pub length: Duration,
    /// What was played so far has the accent colour, and the place itself a line.
    pub position: Duration,
    /// Outside these it is faint.
    pub within: (Option<Duration>, Option<Duration>),
    /// The characters.
    pub glyphs: Glyphs,
}

/// Which levels each of `columns` columns stands for.
fn spans(length: Duration, columns: usize) -> impl Iterator<Item = (usize, usize)> {
    let total = (length.as_secs_f64() * COLUMNS_PER_SECOND as f64).max(1.0);
    let edge = move |column: usize| (column as f64 / columns as f64 * total) as usize;
    (0..columns).map(move |column| (edge(column), edge(column + 1).max(edge(column) + 1)))
}

/// The level of each of `columns` columns, 0.0 to 1.0 of the loudest; `None` where nothing is decoded yet.
pub fn resample(waveform: &Waveform, length: Duration, columns: usize) -> Vec<Option<f32>> {
    let levels = &waveform.levels;
    let loudest = levels.iter().copied().filter(|level| level.is_finite()).fold(QUIET, f32::max);
    spans(length, columns)
        .map(|(start, end)| {
            let part = levels.get(start..end.min(levels.len())).filter(|part| !part.is_empty())?;
            let level = part.iter().copied().filter(|level| level.is_finite()).fold(0.0, f32::max);
            Some((level / loudest).clamp(0.0, 1.0))
        })
        .collect()
}

/// How much energy the passage around each of `columns` columns has, 0.0 to 1.0 of the most energetic one.
pub fn energies(waveform: &Waveform, length: Duration, columns: usize) -> Vec<f32> {
    let levels = &waveform.levels;
    let power = |level: &f32| if level.is_finite() { f64::from(level * level) } else { 0.0 };
    let sums: Vec<f64> = std::iter::once(0.0)
        .chain(levels.iter().scan(0.0, |sum, level| {
            *sum += power(level);
            Some(*sum)
        }))
        .collect();
    let passages: Vec<f64> = spans(length, columns)
        .map(|(start, end)| {
            let more = PASSAGE.saturating_sub(end - start) / 2;
            let (start, end) = (start.saturating_sub(more).min(levels.len()), (end + more).min(levels.len()));
            (sums[end] - sums[start]) / (end - start).max(1) as f64
        })
        .collect();
    let most = passages.iter().copied().fold(f64::from(QUIET * QUIET), f64::max);
    passages
        .into_iter()
        .map(|power| (1.0 + 10.0 * (power / most).log10() as f32 / RAMP_DB).clamp(0.0, 1.0))
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
    let columns = usize::from(area.width);
    let side_by_side = if shape.glyphs == Glyphs::Braille { 2 } else { 1 };
    let levels = resample(shape.waveform, shape.length, columns * side_by_side);
    let energies = energies(shape.waveform, shape.length, columns);
    let place = |moment: Option<Duration>| moment.and_then(|moment| column_of(moment, shape.length, area.width));
    let position = place(Some(shape.position));
    let (first, last) = (place(shape.within.0).unwrap_or(0), place(shape.within.1).unwrap_or(u16::MAX));
    for ((column, levels), energy) in (0u16..).zip(levels.chunks(side_by_side)).zip(energies) {
        let here = position == Some(column) && !shape.position.is_zero();
        let step = ((energy * RAMP as f32) as usize).min(RAMP - 1);
        let style = match () {
            () if here => theme.wave_here,
            () if column < first || column > last => theme.faint,
            () if position.is_none_or(|position| column < position) => theme.wave_played[step],
            () => theme.wave_ahead[step],
        };
        draw_column(
            buf,
            Rect::new(area.x + column, area.y, 1, area.height),
            levels,
            shape,
            (style, here),
            theme,
        );
    }
}

fn draw_column(buf: &mut Buffer, area: Rect, levels: &[Option<f32>], shape: &Shape, (style, here): (Style, bool), theme: &Theme) {
    let plain = shape.glyphs == Glyphs::Ascii;
    let steps = steps(shape.glyphs);
    // Silence keeps a thin line, so that the music is seen to go on.
    let height = |level: &f32| ((level * f32::from(area.height) * steps as f32).round() as usize).max(1);
    let heights: Vec<usize> = levels.iter().map(|level| level.as_ref().map_or(0, height)).collect();
    let empty = heights.iter().all(|height| *height == 0);
    for row in 0..area.height {
        let below = usize::from(row) * steps;
        let y = area.bottom() - 1 - row;
        let part = |height: usize| height.saturating_sub(below).min(steps);
        if heights.iter().any(|height| part(*height) > 0) {
            buf.set_string(area.x, y, glyph(shape.glyphs, &heights, part), style);
        } else if here {
            // A line at the place that sounds, all the way up.
            buf.set_string(area.x, y, if plain { "|" } else { "│" }, style);
        } else if empty && row == 0 && !shape.waveform.complete {
            buf.set_string(area.x, y, if plain { "." } else { "·" }, theme.faint);
        }
    }
}

/// How many heights a cell can show.
fn steps(glyphs: Glyphs) -> usize {
    match glyphs {
        Glyphs::Blocks => BLOCKS.len() - 1,
        Glyphs::Braille => DOTS[0].len(),
        Glyphs::Ascii => PLAIN.len() - 1,
    }
}

/// A cell whose columns are filled up to `part` of their heights.
fn glyph(glyphs: Glyphs, heights: &[usize], part: impl Fn(usize) -> usize) -> String {
    let first = heights.first().map_or(0, |height| part(*height));
    match glyphs {
        Glyphs::Blocks => BLOCKS[first].to_owned(),
        Glyphs::Ascii => PLAIN[first].to_owned(),
        Glyphs::Braille => {
            let dots = heights
                .iter()
                .zip(DOTS)
                .flat_map(|(height, dots)| dots.into_iter().take(part(*height)))
                .sum::<u32>();
            char::from_u32(BRAILLE + dots).unwrap_or(' ').to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(levels: Vec<f32>) -> Waveform {
        Waveform {
            levels,
            loudness: None,
            complete: true,
        }
    }

    /// Ten seconds that get louder, drawn over so many columns and rows.
    fn drawn(glyphs: Glyphs, columns: u16, rows: u16, position: f64) -> Buffer {
        let waveform = wave((0..200).map(|at| at as f32 / 199.0).collect());
        let mut buf = Buffer::empty(Rect::new(0, 0, columns, rows));
        let shape = Shape {
            waveform: &waveform,
            length: Duration::from_secs(10),
            position: Duration::from_secs_f64(position),
            within: (None, None),
            glyphs,
        };
        draw(&mut buf, Rect::new(0, 0, columns, rows), &shape, &Theme::dark());
        buf
    }

    fn row(buf: &Buffer, y: u16) -> String {
        (0..buf.area.width).map(|x| buf[(x, y)].symbol()).collect()
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
    fn energy_is_of_a_passage_and_not_of_a_beat() {
        let beats: Vec<f32> = (0..200)
            .map(|at| {
                if at < 100 {
                    0.05
                } else if at % 10 == 0 {
                    1.0
                } else {
                    0.3
                }
            })
            .collect();
        let energies = energies(&wave(beats), Duration::from_secs(10), 200);
        assert!(energies[..90].iter().all(|energy| *energy < 0.1), "{energies:?}");
        assert!(energies[110..190].iter().all(|energy| *energy > 0.7), "{energies:?}");
    }

    #[test]
    fn each_kind_of_characters_shows_the_same_shape() {
        assert_eq!(row(&drawn(Glyphs::Blocks, 8, 1, 0.0), 0), "▁▂▃▄▅▆▇█");
        assert_eq!(row(&drawn(Glyphs::Ascii, 8, 1, 0.0), 0), "...::||#");
        assert_eq!(row(&drawn(Glyphs::Braille, 4, 1, 0.0), 0), "⣀⣠⣴⣾");
        for (glyphs, full) in [(Glyphs::Blocks, "█"), (Glyphs::Ascii, "#"), (Glyphs::Braille, "⣿")] {
            for (columns, rows) in [(20, 1), (20, 3), (200, 1), (200, 3)] {
                let buf = drawn(glyphs, columns, rows, 0.0);
                assert_eq!(buf[(columns - 1, 0)].symbol(), full, "the loudest column is full");
                let bottom = row(&buf, rows - 1);
                assert!(!bottom.contains(' '), "music everywhere: {bottom}");
                assert!(rows == 1 || row(&buf, 0).trim_start().chars().count() < usize::from(columns) / 2);
            }
        }
    }

    #[test]
    fn plain_characters_are_ascii_throughout() {
        for position in [0.0, 5.0, 10.0] {
            let buf = drawn(Glyphs::Ascii, 40, 3, position);
            assert!(buf.content.iter().all(|cell| cell.symbol().is_ascii()), "{buf:?}");
        }
    }

    #[test]
    fn colour_rises_with_energy_and_tells_what_was_played() {
        let buf = drawn(Glyphs::Blocks, 200, 1, 5.0);
        let theme = Theme::dark();
        let step = |x: u16, ramp: &[Style; RAMP]| ramp.iter().position(|style| style.fg == Some(buf[(x, 0)].fg));
        let played: Vec<_> = (0..100).map(|x| step(x, &theme.wave_played)).collect();
        let ahead: Vec<_> = (101..200).map(|x| step(x, &theme.wave_ahead)).collect();
        for part in [played, ahead] {
            assert!(
                part.iter().all(Option::is_some) && part.is_sorted() && part.first() < part.last(),
                "{part:?}"
            );
        }
        assert_eq!(buf[(199, 0)].fg, theme.wave_ahead[RAMP - 1].fg.unwrap());
        assert_eq!(buf[(100, 0)].style().fg, theme.wave_here.fg.or(Some(ratatui::style::Color::Reset)));
    }

    #[test]
    fn odd_input_does_no_harm() {
        for levels in [vec![], vec![f32::NAN, f32::INFINITY, -3.0, 0.2]] {
            for length in [Duration::ZERO, Duration::from_millis(1), Duration::from_secs(1_000_000)] {
                for columns in [0, 1, 7, 500] {
                    let waveform = wave(levels.clone());
                    let all = resample(&waveform, length, columns);
                    let energies = energies(&waveform, length, columns);
                    assert_eq!((all.len(), energies.len()), (columns, columns));
                    let all = all.into_iter().flatten().chain(energies);
                    assert!(all.into_iter().all(|level| (0.0..=1.0).contains(&level)));
                }
            }
        }
        assert_eq!(column_of(Duration::from_secs(3), Duration::ZERO, 10), None);
        assert_eq!(column_of(Duration::from_secs(10), Duration::from_secs(10), 10), Some(9));
        assert_eq!(column_of(Duration::from_secs(11), Duration::from_secs(10), 10), None);
    }
}
