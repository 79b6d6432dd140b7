//! What a bought file is called.

use crate::api::{Clip, DownloadRequest, Track};
use crate::text::file_stem;

/// The name of the file: `Artist - Title.mp3`, a clip with its length as `Artist - Title (30 s).mp3` or
/// `Artist - Title (30 s, hit at 12 s).mp3`, and the id where the track is not known.
pub fn file_name(request: &DownloadRequest, track: Option<&Track>) -> String {
    let stem = match track {
        Some(track) if track.artist.is_empty() => file_stem(&track.title),
        Some(track) => file_stem(&format!("{} - {}", track.artist, track.title)),
        None => file_stem(request.track_id.as_str()),
    };
    with_clip(&stem, request.clip)
}

/// The name after the server's own hint.
pub(super) fn hinted(request: &DownloadRequest, hint: &str) -> String {
    let bare = hint
        .rsplit_once('.')
        .filter(|(stem, end)| !stem.is_empty() && end.len() <= 4)
        .map_or(hint, |(stem, _)| stem);
    with_clip(&file_stem(bare), request.clip)
}

fn with_clip(stem: &str, clip: Option<Clip>) -> String {
    match clip {
        None => format!("{stem}.mp3"),
        Some(clip) => {
            let length = clip.duration().as_f64();
            match clip.hit_point() {
                None => format!("{stem} ({length} s).mp3"),
                Some(hit) => format!("{stem} ({length} s, hit at {} s).mp3", hit.as_f64()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::TrackId;

    fn request(clip: Option<Clip>) -> DownloadRequest {
        DownloadRequest {
            track_id: TrackId::new("trk_1").unwrap(),
            clip,
        }
    }

    fn track(artist: &str, title: &str) -> Track {
        Track::from_json(&serde_json::json!({"id": "trk_1", "title": title, "artist": artist})).unwrap()
    }

    #[test]
    fn names_tell_artist_title_and_clip() {
        let lanterns = track("Ada Quill", "Paper Lanterns");
        assert_eq!(file_name(&request(None), Some(&lanterns)), "Ada Quill - Paper Lanterns.mp3");
        let clip = |length, hit| Some(Clip::new(length, hit).unwrap());
        assert_eq!(
            file_name(&request(clip(30.0, None)), Some(&lanterns)),
            "Ada Quill - Paper Lanterns (30 s).mp3"
        );
        assert_eq!(
            file_name(&request(clip(29.5, Some(12.0))), Some(&lanterns)),
            "Ada Quill - Paper Lanterns (29.5 s, hit at 12 s).mp3"
        );
        assert_eq!(file_name(&request(None), Some(&track("", "Alone"))), "Alone.mp3");
        assert_eq!(file_name(&request(None), None), "trk_1.mp3");
    }

    #[test]
    fn names_stay_in_their_folder() {
        assert_eq!(
            file_name(&request(None), Some(&track("..", "../../etc/passwd"))),
            "..-..-etc-passwd.mp3".trim_start_matches(['.', '-'])
        );
        assert_eq!(hinted(&request(None), "../x.mp3"), "x.mp3");
        assert_eq!(hinted(&request(None), "song.tar.gz.mp3"), "song.tar.gz.mp3");
        assert_eq!(hinted(&request(None), "no ending"), "no ending.mp3");
        let long = file_name(&request(None), Some(&track("a", &"é".repeat(400))));
        assert!(long.len() <= 204, "{}", long.len());
    }
}
