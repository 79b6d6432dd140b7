//! Adds what is known of a track to its file, where the file does not say it itself.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use lofty::config::{ParseOptions, WriteOptions};
use lofty::file::{AudioFile, FileType, TaggedFileExt};
use lofty::probe::Probe;
use lofty::tag::{Accessor, ItemKey, Tag};

use crate::api::Track;

/// Writes title, artist, genre and tempo into the MP3 at `path` where they are absent. Whether there was anything to add.
///
/// # Errors
/// What went wrong, in words. The file may be damaged then, so this wants a copy.
pub(super) fn add_missing(path: &Path, track: &Track) -> Result<bool, String> {
    let wrong = |error: &dyn std::fmt::Display| error.to_string();
    let file = File::open(path).map_err(|error| wrong(&error))?;
    let mut tagged = Probe::with_file_type(BufReader::new(file), FileType::Mpeg)
        .options(ParseOptions::new().read_properties(false).read_cover_art(false))
        .read()
        .map_err(|error| wrong(&error))?;
    let says = |key: ItemKey| {
        tagged
            .tags()
            .iter()
            .any(|tag| tag.get_string(key).is_some_and(|text| !text.trim().is_empty()))
    };
    let absent = |key: ItemKey| !says(key);
    let title = absent(ItemKey::TrackTitle).then(|| track.title.to_string());
    let artist = absent(ItemKey::TrackArtist).then(|| track.artist.to_string());
    let genre = absent(ItemKey::Genre)
        .then(|| track.genre.as_ref().map(ToString::to_string))
        .flatten();
    let bpm = (absent(ItemKey::IntegerBpm) && absent(ItemKey::Bpm))
        .then(|| track.bpm.map(|bpm| bpm.round().to_string()))
        .flatten();
    let some = |text: Option<String>| text.filter(|text| !text.is_empty());
    let [title, artist, genre, bpm] = [title, artist, genre, bpm].map(some);
    if [&title, &artist, &genre, &bpm].into_iter().all(Option::is_none) {
        return Ok(false);
    }
    let kind = tagged.primary_tag_type();
    if tagged.tag(kind).is_none() {
        tagged.insert_tag(Tag::new(kind));
    }
    let tag = tagged.tag_mut(kind).ok_or("this kind of file takes no tags")?;
    if let Some(title) = title {
        tag.set_title(title);
    }
    if let Some(artist) = artist {
        tag.set_artist(artist);
    }
    if let Some(genre) = genre {
        tag.set_genre(genre);
    }
    if let Some(bpm) = bpm {
        tag.insert_text(ItemKey::IntegerBpm, bpm);
    }
    tagged.save_to_path(path, WriteOptions::default()).map_err(|error| wrong(&error))?;
    Ok(true)
}
