//! A shortlist as other programs read it: JSON, CSV and M3U.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::Entry;
use crate::text::csv_cell;

/// The shortlist as JSON: the API's own fields, with the note and the file if the track is owned.
pub fn as_json(project: &str, entries: &[(Entry, Option<PathBuf>)]) -> String {
    let tracks: Vec<Value> = entries
        .iter()
        .map(|(entry, file)| json!({"track": entry.track, "note": entry.note, "file": file}))
        .collect();
    let mut text = serde_json::to_string_pretty(&json!({"project": project, "tracks": tracks})).unwrap_or_default();
    text.push('\n');
    text
}

/// The shortlist as comma-separated values.
pub fn as_csv(entries: &[(Entry, Option<PathBuf>)]) -> String {
    let mut text = "place,track_id,title,artist,bpm,key,duration_seconds,genre,moods,note,file\r\n".to_owned();
    for (place, (entry, file)) in entries.iter().enumerate() {
        let track = &entry.track;
        let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
        let moods: Vec<&str> = track.moods.iter().map(|mood| &**mood).collect();
        let cells = [
            (place + 1).to_string(),
            track.id.to_string(),
            track.title.to_string(),
            track.artist.to_string(),
            number(track.bpm),
            track.key.as_deref().unwrap_or_default().to_owned(),
            number(track.duration_seconds),
            track.genre.as_deref().unwrap_or_default().to_owned(),
            moods.join(","),
            entry.note.clone(),
            file.as_ref().map(|file| file.display().to_string()).unwrap_or_default(),
        ];
        text.push_str(&cells.map(|cell| csv_cell(&cell)).join(","));
        text.push_str("\r\n");
    }
    text
}

/// The shortlist as a playlist: owned files, else previews. A track with neither is left out.
pub fn as_m3u(entries: &[(Entry, Option<PathBuf>)]) -> String {
    let mut text = "#EXTM3U\n".to_owned();
    for (entry, file) in entries {
        let track = &entry.track;
        let place = file
            .as_ref()
            .map(|file| file.display().to_string())
            .or_else(|| track.preview_url.clone());
        // A line break would begin another entry.
        if let Some(place) = place.filter(|place| !place.contains(['\n', '\r'])) {
            let seconds = track.duration_seconds.map_or(-1.0, f64::round);
            let _ = writeln!(text, "#EXTINF:{seconds:.0},{} - {}\n{place}", track.artist, track.title);
        }
    }
    text
}
