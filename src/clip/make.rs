//! A clip of a file that is owned: chosen, cut, tagged, checked, and put in its place without replacing anything.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use lofty::config::WriteOptions;
use lofty::file::TaggedFileExt;
use lofty::tag::{Accessor, ItemKey, Tag, TagExt};

use super::media::no_file;
use super::mp3::{Stream, Unreadable};
use super::predict::choose;
use super::{Fades, listen};
use crate::spend::{put_file, waiting_file};

/// A larger file is no music track.
const MOST_BYTES: u64 = 1 << 30;
/// A shorter clip is none, in seconds.
const SHORTEST: f64 = 0.5;

/// What shall be cut.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// The file it is cut from.
    pub source: PathBuf,
    /// Its length in seconds.
    pub seconds: f64,
    /// Where in it the energy peak shall land, in seconds.
    pub hit_point: Option<f64>,
    /// Fade out over so many seconds, and in over at most 0.05; hard cuts without.
    pub fade: Option<f64>,
    /// The tempo, where it is known, in beats a minute.
    pub bpm: Option<f64>,
    /// Where it goes; a taken name gets ` (2)`.
    pub output: PathBuf,
}

/// A clip that is on disk.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    /// Where it is.
    pub path: PathBuf,
    /// Bytes of the file.
    pub bytes: u64,
    /// Its length in seconds.
    pub seconds: f64,
    /// Where in the track it begins, in seconds.
    pub start: f64,
    /// Where in it the energy peak is, in seconds, if it is inside.
    pub peak: Option<f64>,
    /// Anything the user should know.
    pub note: Option<String>,
}

/// Why there is no clip. The text says what to do; no file is left behind.
#[derive(Debug, thiserror::Error)]
pub enum CutError {
    /// The order makes no sense.
    #[error("{0}")]
    Order(String),
    /// The source cannot be read.
    #[error("{}: {reason}", path.display())]
    Source {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The clip cannot be written.
    #[error("{} cannot be written: {reason}; choose another place with --output", path.display())]
    Output {
        /// Where it should have gone.
        path: PathBuf,
        /// What is wrong with that.
        reason: String,
    },
}

impl Order {
    /// Checks what can be checked without the file.
    ///
    /// # Errors
    /// [`CutError::Order`] for a length under half a second, a hit point that is not inside of it, a fade longer than it.
    pub fn check(&self) -> Result<(), CutError> {
        let seconds = self.seconds;
        let wrong = |text: String| Err(CutError::Order(text));
        if !(seconds.is_finite() && seconds >= SHORTEST) {
            return wrong(format!("the duration is {seconds} s: a clip is at least {SHORTEST} s long"));
        }
        if let Some(hit) = self.hit_point
            && !(0.0..seconds).contains(&hit)
        {
            return wrong(format!(
                "the hit point is at {hit} s: it has to lie between 0 and the end of the clip ({seconds} s)"
            ));
        }
        if let Some(fade) = self.fade
            && !(0.0..=seconds).contains(&fade)
        {
            return wrong(format!(
                "the fade takes {fade} s: it can take 0 to {seconds} s, the length of the clip"
            ));
        }
        Ok(())
    }
}

/// Cuts a clip. Waits for the disk and decodes the whole source once, to find the part; the part itself is not encoded again.
///
/// # Errors
/// [`CutError`].
pub fn make(order: &Order) -> Result<Made, CutError> {
    order.check()?;
    let source = |reason: String| CutError::Source {
        path: order.source.clone(),
        reason,
    };
    let bytes = read(&order.source).map_err(source)?;
    let stream = Stream::parse(&bytes).map_err(|error: Unreadable| source(error.to_string()))?;
    let rate = f64::from(stream.rate());
    let samples = (order.seconds * rate).round() as u64;
    if samples > stream.samples() {
        return Err(source(format!(
            "it is only {:.1} s long, so no clip of {} s can be cut from it: ask for less",
            stream.seconds(),
            order.seconds
        )));
    }
    let tag = lofty::read_from_path(&order.source)
        .ok()
        .and_then(|file| file.primary_tag().cloned());
    let bpm = order.bpm.or_else(|| tag.as_ref().and_then(tempo));
    let features = listen(&bytes).map_err(source)?;
    let segment =
        choose(&features, order.seconds, order.hit_point, bpm).ok_or_else(|| source("there is nothing but silence in it".into()))?;
    let from = ((segment.start * rate).round() as u64).min(stream.samples() - samples);
    let fades = order.fade.map_or(Fades::NONE, Fades::out_over);
    let cut = stream
        .cut(from, samples, fades)
        .ok_or_else(|| source("there is nothing to cut in it".into()))?;
    let (path, length) = write(order, &cut, tag).map_err(|error| CutError::Output {
        path: order.output.clone(),
        reason: error.to_string(),
    })?;
    let start = from as f64 / rate;
    let peak = segment.peak.map(|peak| peak - start);
    let missed = order.hit_point.zip(peak).is_some_and(|(hit, peak)| (hit - peak).abs() > 1.0);
    let lesser = order.hit_point.is_some() && super::peak(&features) != segment.peak;
    let note = if missed {
        Some("no energy peak of the track can land within 1 s of the hit point: the nearest one was taken".to_owned())
    } else {
        lesser.then(|| {
            "the track's strongest peak comes too early or too late for this hit point: the next strongest one lands there".to_owned()
        })
    };
    Ok(Made {
        path,
        bytes: length,
        seconds: samples as f64 / rate,
        start,
        peak,
        note,
    })
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let about = std::fs::metadata(path).map_err(|error| format!("it cannot be read ({error}): check the path"))?;
    if let Some(other) = no_file(&about) {
        return Err(format!("this is {other}: name an MP3 file"));
    }
    if about.len() > MOST_BYTES {
        return Err("it is larger than 1 GB, which no music track is".to_owned());
    }
    std::fs::read(path).map_err(|error| format!("it cannot be read ({error})"))
}

fn tempo(tag: &Tag) -> Option<f64> {
    [ItemKey::Bpm, ItemKey::IntegerBpm]
        .into_iter()
        .find_map(|key| tag.get_string(key)?.trim().parse().ok())
}

/// Writes the clip beside its place, checks it, and gives it its name.
fn write(order: &Order, cut: &[u8], tag: Option<Tag>) -> io::Result<(PathBuf, u64)> {
    let name = order
        .output
        .file_name()
        .and_then(|name| name.to_str())
        .filter(|_| !order.output.is_dir())
        .ok_or_else(|| io::Error::other("it does not name a file"))?;
    let folder = order
        .output
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let folder = std::path::absolute(folder)?;
    let mut file = waiting_file(&folder)?;
    file.write_all(cut)?;
    file.flush()?;
    if let Some(tag) = tag {
        // Title and artist come along if they can; the music is what counts.
        let tagged = describe(tag, order.seconds).save_to_path(file.path(), WriteOptions::default());
        let whole = || std::fs::read(file.path()).is_ok_and(|bytes| bytes.ends_with(cut));
        if tagged.is_err() || !whole() {
            file = waiting_file(&folder)?;
            file.write_all(cut)?;
        }
    }
    file.as_file().sync_all()?;
    let path = put_file(file, &folder, name).map_err(|(_, error)| error)?;
    let length = std::fs::metadata(&path)?.len();
    Ok((path, length))
}

/// The source's tag, for the clip.
fn describe(mut tag: Tag, seconds: f64) -> Tag {
    if let Some(title) = tag.title().map(std::borrow::Cow::into_owned) {
        tag.set_title(format!("{title} ({seconds} s)"));
    }
    tag.remove_key(ItemKey::Length);
    tag
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_not_even_opened() {
        assert!(read(Path::new("/dev/zero")).unwrap_err().contains("a pipe or a device"));
    }
}
