//! Tags, added where they are absent.

use std::path::Path;

use lofty::config::WriteOptions;
use lofty::file::{FileType, TaggedFileExt};
use lofty::probe::Probe;
use lofty::tag::{Accessor, ItemKey, Tag, TagExt, TagType};

use crate::api::Track;

/// Adds title, artist, genre and tempo where the file has none. `Err` says why not; the file is a whole track all the same.
pub(super) fn add(path: &Path, track: &Track) -> Result<(), String> {
    let file = Probe::open(path)
        .map_err(words)?
        .set_file_type(FileType::Mpeg)
        .read()
        .map_err(words)?;
    let mut tag = file.tag(TagType::Id3v2).cloned().unwrap_or_else(|| Tag::new(TagType::Id3v2));
    let before = tag.item_count();
    if tag.title().is_none() {
        tag.set_title(track.title.to_string());
    }
    if tag.artist().is_none() && !track.artist.is_empty() {
        tag.set_artist(track.artist.to_string());
    }
    if let Some(genre) = track.genre.as_ref().filter(|_| tag.genre().is_none()) {
        tag.set_genre(genre.to_string());
    }
    if let Some(bpm) = track.bpm.filter(|_| tag.get_string(ItemKey::IntegerBpm).is_none()) {
        tag.insert_text(ItemKey::IntegerBpm, format!("{bpm:.0}"));
    }
    if tag.item_count() == before {
        return Ok(());
    }
    tag.save_to_path(path, WriteOptions::default()).map_err(words)
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}
