//! Takes in the body of a download: into the waiting file, or, if that disk fails, into the rescue folder.

use std::fs;
use std::io::{self, Read, Seek, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::StreamExt;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;
use tokio::sync::mpsc;

use super::Place;
use super::place::waiting_file;
use crate::api::DownloadStart;
use crate::text::{Clean, hex};

/// No track is larger, in bytes; a body that does not end has to.
const LARGEST: u64 = 1 << 30;
/// Pieces of the body that wait for the disk.
const QUEUE: usize = 16;
/// Time between two reports.
const REPORT_EVERY: Duration = Duration::from_millis(100);

/// The body so far, on disk.
#[derive(Debug)]
pub(in crate::spend) struct Body {
    pub(super) place: Place,
    rescue_folder: PathBuf,
    hash: Sha256,
    written: u64,
    /// Why the bytes are in the rescue folder.
    rescued: Option<String>,
    /// Why they are nowhere.
    lost: Option<String>,
}

/// The body as far as it came.
#[derive(Debug)]
pub(in crate::spend) struct Received {
    pub(super) place: Place,
    pub(super) rescue_folder: PathBuf,
    pub(super) bytes: u64,
    pub(super) sha256: String,
    pub(super) rescued: Option<String>,
    /// Why it ended before its end.
    pub(super) broken: Option<String>,
    pub(super) length: Option<u64>,
    pub(super) content_type: Option<Clean>,
    pub(super) hint: Option<Clean>,
}

impl Body {
    pub(in crate::spend) fn new(mut place: Place, rescue_folder: PathBuf) -> Self {
        // From here on the bytes are paid for: they stay, whatever happens to this program.
        place.file.disable_cleanup(true);
        Self {
            place,
            rescue_folder,
            hash: Sha256::new(),
            written: 0,
            rescued: None,
            lost: None,
        }
    }

    /// Takes in the whole body. Never fails: what went wrong is part of what it gives.
    pub(in crate::spend) async fn receive(self, mut start: DownloadStart, report: impl Fn(u64, Option<u64>)) -> Option<Received> {
        let (sender, mut pieces) = mpsc::channel::<Bytes>(QUEUE);
        let writer = tokio::task::spawn_blocking(move || {
            let mut body = self;
            while let Some(piece) = pieces.blocking_recv() {
                body.write(&piece);
                if body.lost.is_some() {
                    break;
                }
            }
            body
        });
        let total = start.content_length;
        let mut broken = None;
        let mut received = 0;
        let mut reported = Instant::now();
        report(0, total);
        while let Some(piece) = start.body.next().await {
            let piece = match piece {
                Ok(piece) => piece,
                Err(error) => {
                    broken = Some(error.to_string());
                    break;
                }
            };
            received += piece.len() as u64;
            if sender.send(piece).await.is_err() {
                break;
            }
            if received > LARGEST {
                broken = Some("it is larger than any track".to_owned());
                break;
            }
            if reported.elapsed() >= REPORT_EVERY {
                reported = Instant::now();
                report(received, total);
            }
        }
        drop(sender);
        let body = writer.await.ok()?;
        report(body.written, total);
        Some(Received {
            bytes: body.written,
            sha256: hex(&body.hash.finalize()),
            rescued: body.rescued,
            broken: body.lost.or(broken),
            length: total,
            content_type: start.content_type,
            hint: start.file_name,
            place: body.place,
            rescue_folder: body.rescue_folder,
        })
    }

    fn write(&mut self, piece: &[u8]) {
        if let Err(error) = self.place.file.write_all(piece)
            && let Err(worse) = self.rescue(&error).and_then(|()| self.place.file.write_all(piece))
        {
            self.lost = Some(format!("the disk failed ({error}), and the rescue folder too ({worse})"));
            // A piece that was written in part does not count.
            let _ = self.place.file.as_file().set_len(self.written);
            return;
        }
        self.hash.update(piece);
        self.written += piece.len() as u64;
    }

    fn rescue(&mut self, why: &io::Error) -> io::Result<()> {
        self.place.file = rescue(&self.place.file, self.written, &self.rescue_folder)?;
        self.place.folder.clone_from(&self.rescue_folder);
        self.rescued = Some(why.to_string());
        Ok(())
    }
}

/// Copies the first `bytes` of a file into the rescue folder; only when they are there the old file goes.
pub(super) fn rescue(from: &NamedTempFile, bytes: u64, folder: &std::path::Path) -> io::Result<NamedTempFile> {
    fs::create_dir_all(folder)?;
    let mut file = waiting_file(folder)?;
    // By its handle: the folder it was in may be gone.
    let mut old = from.as_file();
    old.rewind()?;
    let copied = io::copy(&mut old.take(bytes), &mut file)?;
    if copied < bytes {
        return Err(io::Error::other("what was written before cannot be read back"));
    }
    file.disable_cleanup(true);
    let _ = fs::remove_file(from.path());
    Ok(file)
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::fs::{File, OpenOptions};

    use bytes::Bytes;
    use futures_util::{StreamExt, stream};

    use super::super::{Target, settle};
    use super::*;
    use crate::api::{DownloadRequest, Limits, TrackId};

    /// A place whose file is on a disk that is full: the kernel says so at every write.
    fn full(folder: &std::path::Path) -> Place {
        let request = DownloadRequest {
            track_id: TrackId::new("trk_1").unwrap(),
            clip: None,
        };
        let mut place = Place::prepare(&Target::Folder(folder.to_owned()), &request, None).unwrap();
        let full: File = OpenOptions::new().read(true).write(true).open("/dev/full").unwrap();
        let path = waiting_file(folder).unwrap().into_temp_path();
        place.file = NamedTempFile::from_parts(full, path);
        place
    }

    fn answer() -> DownloadStart {
        answer_of(vec![b"one".to_vec(), b"two".to_vec()])
    }

    fn answer_of(pieces: Vec<Vec<u8>>) -> DownloadStart {
        DownloadStart {
            limits: Limits::default(),
            content_type: None,
            content_length: Some(pieces.iter().map(Vec::len).sum::<usize>() as u64),
            file_name: None,
            body: stream::iter(pieces.into_iter().map(|piece| Ok(Bytes::from(piece)))).boxed(),
        }
    }

    #[tokio::test]
    async fn with_a_full_disk_the_bytes_go_to_the_rescue_folder() {
        let home = tempfile::tempdir().unwrap();
        let (music, rescue) = (home.path().join("music"), home.path().join("rescue"));
        let received = Body::new(full(&music), rescue.clone()).receive(answer(), |_, _| {}).await.unwrap();
        assert_eq!((received.bytes, received.broken), (6, None));
        assert!(received.rescued.unwrap().contains("No space left"));
        assert_eq!(received.place.folder, rescue);
        assert_eq!(fs::read(received.place.file.path()).unwrap(), b"onetwo");
        // They stay, whatever becomes of the program, and nothing else is left of them.
        let path = received.place.file.path().to_owned();
        drop(received.place);
        assert_eq!(fs::read(path).unwrap(), b"onetwo");
        assert_eq!(fs::read_dir(&music).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn a_track_that_its_disk_had_no_room_for_is_whole_in_the_rescue_folder() {
        let home = tempfile::tempdir().unwrap();
        let (music, rescue) = (home.path().join("music"), home.path().join("rescue"));
        // A frame of MP3: 384 bytes at 48 kHz.
        let mut frame = vec![0; 384];
        frame[..4].copy_from_slice(&[0xFF, 0xFB, 0x94, 0xC4]);
        let answer = answer_of(vec![frame.repeat(20), frame.repeat(30)]);
        let received = Body::new(full(&music), rescue.clone()).receive(answer, |_, _| {}).await.unwrap();
        let settled = settle(received, None);
        assert_eq!(settled.path, Some(rescue.join("trk_1.mp3")), "{settled:?}");
        assert_eq!((settled.wrong, settled.seconds), (None, 1.2));
        assert!(settled.note.unwrap().contains("it is in the rescue folder"));
        assert_eq!(fs::read(rescue.join("trk_1.mp3")).unwrap(), frame.repeat(50));
        assert!(!music.join("trk_1.mp3").exists());
    }

    #[tokio::test]
    async fn with_nowhere_to_go_it_says_that_the_bytes_are_lost() {
        let home = tempfile::tempdir().unwrap();
        let (music, rescue) = (home.path().join("music"), home.path().join("rescue"));
        fs::write(&rescue, "a file in the way").unwrap();
        let received = Body::new(full(&music), rescue).receive(answer(), |_, _| {}).await.unwrap();
        let broken = received.broken.unwrap();
        assert!(
            broken.contains("the disk failed") && broken.contains("the rescue folder too"),
            "{broken}"
        );
        assert_eq!(received.bytes, 0);
    }
}
