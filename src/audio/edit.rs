//! Which part of an MP4's sound is the music: its edit list (ISO/IEC 14496-12, 8.6.6) leaves out what the encoder put before and behind.
//! The decoder's library passes it over.

use std::io::Cursor;
use std::ops::Range;

use super::atoms::atom;

/// More boxes than this in one are nonsense.
const MOST_BOXES: usize = 256;

/// The frames at this rate that are the music, by the beginning of the file as far as it is there. Everything where it does not say.
pub(super) fn music(bytes: &[u8], rate: u32) -> Range<u64> {
    edit(bytes, rate).unwrap_or(0..u64::MAX)
}

fn edit(bytes: &[u8], rate: u32) -> Option<Range<u64>> {
    let film = find(bytes, *b"moov")?;
    let sound = boxes(film)
        .find(|(kind, track)| kind == b"trak" && is_sound(track).unwrap_or(false))?
        .1;
    let ticks = time_scale(find(find(sound, *b"mdia")?, *b"mdhd")?)?;
    let film_ticks = time_scale(find(film, *b"mvhd")?)?;
    let list = find(find(sound, *b"edts")?, *b"elst")?;
    let wide = *list.first()? == 1;
    let entry = if wide { 20 } else { 12 };
    let count = number(list, 4, 4)?;
    let entries = list.get(8..)?.chunks_exact(entry).take(usize::try_from(count).ok()?);
    let width = if wide { 8 } else { 4 };
    // An empty edit only delays; its time is -1.
    let mut edits = entries.filter_map(|entry| {
        let (length, from) = (number(entry, 0, width)?, number(entry, width, width)?);
        (from >> (8 * width - 1) == 0).then_some((length, from))
    });
    let (length, from) = edits.next()?;
    let frames = |ticks: u64, a_second: u64| u64::try_from(u128::from(ticks) * u128::from(rate) / u128::from(a_second)).ok();
    let start = frames(from, ticks)?;
    // Where there are several the end of the first is not the end; a length of 0 is that of a film in fragments.
    let one = edits.next().is_none() && length > 0;
    let end = if one {
        start.checked_add(frames(length, film_ticks)?)?
    } else {
        u64::MAX
    };
    Some(start..end)
}

fn is_sound(track: &[u8]) -> Option<bool> {
    let handler = find(find(track, *b"mdia")?, *b"hdlr")?;
    Some(handler.get(8..12)? == b"soun")
}

/// Ticks a second, of a `mvhd` or a `mdhd`.
fn time_scale(header: &[u8]) -> Option<u64> {
    let at = if *header.first()? == 1 { 20 } else { 12 };
    number(header, at, 4).filter(|&ticks| ticks > 0)
}

fn number(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(width)?)?;
    Some(bytes.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
}

fn find(bytes: &[u8], kind: [u8; 4]) -> Option<&[u8]> {
    boxes(bytes).find(|(found, _)| *found == kind).map(|(_, inside)| inside)
}

/// The boxes that lie one behind the other, each with what is in it. The last one can be cut short.
fn boxes(bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    let (mut file, end) = (Cursor::new(bytes), bytes.len() as u64);
    let mut at = 0;
    std::iter::from_fn(move || {
        let found = atom(&mut file, at, end).ok()??;
        at = found.to.min(end);
        let inside = bytes.get(usize::try_from(found.from).ok()?..usize::try_from(at).ok()?)?;
        Some((found.kind, inside))
    })
    .take(MOST_BOXES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: [u8; 4], inside: &[u8]) -> Vec<u8> {
        let size = (8 + inside.len()) as u32;
        [&size.to_be_bytes()[..], &kind, inside].concat()
    }

    fn header(ticks: u32) -> Vec<u8> {
        [&[0; 12][..], &ticks.to_be_bytes()].concat()
    }

    fn file(handler: [u8; 4], edits: &[(u32, i32)]) -> Vec<u8> {
        let entries: Vec<u8> = edits
            .iter()
            .flat_map(|(length, from)| [&length.to_be_bytes()[..], &from.to_be_bytes(), &[0, 1, 0, 0]].concat())
            .collect();
        let list = [&[0; 4][..], &(edits.len() as u32).to_be_bytes(), &entries].concat();
        let media = [boxed(*b"mdhd", &header(44_100)), boxed(*b"hdlr", &[&[0; 8][..], &handler].concat())].concat();
        let track = [boxed(*b"edts", &boxed(*b"elst", &list)), boxed(*b"mdia", &media)].concat();
        let film = [boxed(*b"mvhd", &header(1_000)), boxed(*b"trak", &track)].concat();
        [boxed(*b"ftyp", b"M4A "), boxed(*b"moov", &film), boxed(*b"mdat", b"...")].concat()
    }

    #[test]
    fn the_edit_list_says_which_part_is_the_music() {
        type Edits = &'static [(u32, i32)];
        let cases: [(Edits, Range<u64>); 5] = [
            (&[(2_000, 1_024)], 1_024..89_224),
            (&[(500, -1), (2_000, 1_024)], 1_024..89_224),
            (&[(2_000, 1_024), (1_000, 99)], 1_024..u64::MAX),
            (&[(0, 2_112)], 2_112..u64::MAX),
            (&[], 0..u64::MAX),
        ];
        for (edits, expected) in cases {
            assert_eq!(music(&file(*b"soun", edits), 44_100), expected, "{edits:?}");
        }
        assert_eq!(music(&file(*b"soun", &[(2_000, 1_024)]), 22_050), 512..44_612, "at half the rate");
        assert_eq!(
            music(&file(*b"vide", &[(2_000, 1_024)]), 44_100),
            0..u64::MAX,
            "pictures have edits of their own"
        );
    }

    #[test]
    fn a_file_cut_short_anywhere_or_with_any_byte_wrong_is_read_without_harm() {
        let whole = file(*b"soun", &[(2_000, 1_024)]);
        for length in 0..whole.len() {
            let _ = music(&whole[..length], 44_100);
            for wrong in [0, 1, 0x7f, 0xff] {
                let mut broken = whole.clone();
                broken[length] = wrong;
                let found = music(&broken, 44_100);
                assert!(found.start <= found.end, "byte {length} as {wrong}: {found:?}");
            }
        }
    }
}
