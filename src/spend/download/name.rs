//! The name of the file a download becomes.

use crate::api::{DownloadRequest, Track};
use crate::text::file_stem;

/// `Artist - Title.mp3`; a clip with its length in brackets. Without the track, its id.
pub fn file_name(request: &DownloadRequest, track: Option<&Track>) -> String {
    let stem = match track {
        Some(track) if track.artist.is_empty() => track.title.to_string(),
        Some(track) => format!("{} - {}", track.artist, track.title),
        None => request.track_id.to_string(),
    };
    with_clip(&file_stem(&stem), request)
}

/// The same from the server's hint, which is a name and never a path.
pub(super) fn from_hint(hint: &str, request: &DownloadRequest) -> String {
    let stem = hint.strip_suffix(".mp3").or_else(|| hint.strip_suffix(".MP3")).unwrap_or(hint);
    with_clip(&file_stem(stem), request)
}

fn with_clip(stem: &str, request: &DownloadRequest) -> String {
    match request.clip {
        Some(clip) => format!("{stem} ({} s).mp3", clip.duration().as_f64()),
        None => format!("{stem}.mp3"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::{Clip, TrackId};

    #[test]
    fn names_come_from_artist_and_title_and_are_never_paths() {
        let mut request = DownloadRequest {
            track_id: TrackId::new("trk_1").unwrap(),
            clip: None,
        };
        let track = Track::from_json(&json!({"id": "trk_1", "title": "../../Rain", "artist": "Ada"})).unwrap();
        assert_eq!(file_name(&request, Some(&track)), "Ada - ..-..-Rain.mp3");
        assert_eq!(file_name(&request, None), "trk_1.mp3");
        request.clip = Some(Clip::new(30.0, None).unwrap());
        assert_eq!(
            from_hint("../../.ssh/authorized_keys.mp3", &request),
            "ssh-authorized_keys (30 s).mp3"
        );
    }
}
