//! The boxes that MP4 and MOV files are made of (ISO/IEC 14496-12, 4.2).

use std::io::{self, Read, Seek, SeekFrom};

/// A box of an MP4 or MOV file.
pub(crate) struct Atom {
    /// What is in it.
    pub(crate) kind: [u8; 4],
    /// Where its content begins.
    pub(crate) from: u64,
    /// Where it ends, which can be behind the end of a file that is cut short.
    pub(crate) to: u64,
}

/// The box at `at`, which must lie before `end`.
pub(crate) fn atom(file: &mut (impl Read + Seek), at: u64, end: u64) -> io::Result<Option<Atom>> {
    if at + 8 > end {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(at))?;
    let mut head = [0; 8];
    file.read_exact(&mut head)?;
    let kind = [head[4], head[5], head[6], head[7]];
    let size = u64::from(u32::from_be_bytes([head[0], head[1], head[2], head[3]]));
    let (from, size) = match size {
        0 => (at + 8, end - at),
        1 => {
            let mut long = [0; 8];
            file.read_exact(&mut long)?;
            (at + 16, u64::from_be_bytes(long))
        }
        size => (at + 8, size),
    };
    let to = at.saturating_add(size);
    // Nothing can be found behind a box that claims to be shorter than its own head.
    Ok((to >= from).then_some(Atom { kind, from, to }))
}
