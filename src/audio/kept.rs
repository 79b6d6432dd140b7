//! Previews kept on the disk between sessions: the least recently used go first, and every program of this user shares them.
//!
//! An entry is one file, named by a hash of its address (an address may be signed, and is nobody's business): a mark, the
//! length, the SHA-256 of the bytes, the bytes. It is written beside its place and renamed, so another program sees all of it
//! or nothing; whatever does not fit its length and hash is not music but damage, and is thrown away. Its time of change is
//! when it was used last.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};
use tempfile::{NamedTempFile, TempDir};

use super::pages::Pages;
use crate::text::hex;

const MARK: &[u8; 8] = b"TYPREV1\n";
/// Mark, length, hash.
const HEADER: usize = 8 + 8 + 32;
const EXTENSION: &str = "preview";
const UNFINISHED: &str = "incoming-";
/// A file that was being written this long ago belongs to a program that was killed.
const ABANDONED: Duration = Duration::from_hours(1);
/// Nothing is kept for longer than this without being played.
const EXPIRY: Duration = Duration::from_hours(60 * 24);

/// The folder of kept previews. Every call waits for the disk.
#[derive(Debug, Clone)]
pub struct Kept {
    folder: PathBuf,
    limit: u64,
    /// What it is in, if that goes with the last who could still write into it.
    _temporary: Option<Arc<TempDir>>,
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        (&self.folder, self.limit) == (&other.folder, other.limit)
    }
}

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount {
    /// Previews.
    pub previews: u64,
    /// Bytes on the disk.
    pub bytes: u64,
}

impl Amount {
    fn add(&mut self, bytes: u64) {
        self.previews += 1;
        self.bytes += bytes;
    }
}

/// A file of ours.
struct Entry {
    path: PathBuf,
    bytes: u64,
    used: SystemTime,
    unfinished: bool,
}

impl Kept {
    /// Keeps at most `limit` bytes in `folder`, which is made when it is needed. With a limit of 0 nothing is kept.
    pub fn new(folder: PathBuf, limit: u64) -> Self {
        Self {
            folder,
            limit,
            _temporary: None,
        }
    }

    /// The same inside of a temporary folder, which is there as long as this or a copy of it is.
    pub fn within(temporary: TempDir, limit: u64) -> Self {
        Self {
            folder: temporary.path().join("previews"),
            limit,
            _temporary: Some(Arc::new(temporary)),
        }
    }

    /// The bytes of a preview, if they are here and whole. That counts as a use. `most` is the largest preview there may be.
    pub(super) fn get(&self, url: &str, most: u64) -> Option<Pages> {
        if self.limit == 0 {
            return None;
        }
        let path = self.path(url);
        // For writing, since some systems want that for the time of change.
        let opened = File::options().read(true).write(true).open(&path).or_else(|_| File::open(&path));
        let mut file = opened.ok()?;
        match read(&mut file, most) {
            Ok(bytes) => {
                // If it cannot be noted, it goes a little earlier than it should.
                let _ = file.set_modified(SystemTime::now());
                Some(bytes)
            }
            Err(error) => {
                tracing::warn!(%error, "a kept preview is damaged and thrown away");
                drop(file);
                let _ = fs::remove_file(&path);
                None
            }
        }
    }

    /// Keeps a preview, and throws out what was not used for longest until everything fits.
    pub(super) fn put(&self, url: &str, bytes: &[u8]) -> io::Result<()> {
        if (bytes.len() + HEADER) as u64 > self.limit {
            return Ok(());
        }
        let file = self.write_aside(bytes)?;
        self.place(file, url)
    }

    /// Writes a preview beside its place.
    fn write_aside(&self, bytes: &[u8]) -> io::Result<NamedTempFile> {
        create_private(&self.folder)?;
        let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(&self.folder)?;
        write(&mut file, bytes)?;
        Ok(file)
    }

    /// Puts what was written in its place.
    fn place(&self, file: NamedTempFile, url: &str) -> io::Result<()> {
        match file.persist(self.path(url)) {
            Ok(_) => self.trim(),
            // Another program threw everything out meanwhile, this too.
            Err(failed) if failed.error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(failed) => Err(failed.error),
        }
    }

    /// Forgets a preview: its bytes turned out to be no music.
    pub(super) fn forget(&self, url: &str) {
        let _ = fs::remove_file(self.path(url));
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The most bytes that are kept.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// How much is kept now.
    ///
    /// # Errors
    /// What the disk says. A folder that is not there keeps nothing.
    pub fn amount(&self) -> io::Result<Amount> {
        let mut amount = Amount::default();
        for entry in self.entries()?.iter().filter(|entry| !entry.unfinished) {
            amount.add(entry.bytes);
        }
        Ok(amount)
    }

    /// Throws out everything that is kept, and nothing else that may lie in the folder. Gives what went.
    ///
    /// # Errors
    /// The first thing that the disk says; the rest is thrown out all the same.
    pub fn clear(&self) -> io::Result<Amount> {
        let mut gone = Amount::default();
        let mut problem = None;
        for entry in self.entries()? {
            match fs::remove_file(&entry.path) {
                Ok(()) if !entry.unfinished => gone.add(entry.bytes),
                Err(error) if error.kind() != io::ErrorKind::NotFound => problem = problem.or(Some(error)),
                _ => {}
            }
        }
        problem.map_or(Ok(gone), Err)
    }

    fn path(&self, url: &str) -> PathBuf {
        self.folder.join(hex(&Sha256::digest(url.as_bytes()))).with_extension(EXTENSION)
    }

    /// Throws out what is too old, what a killed program left, and what was not used for longest until the rest fits.
    fn trim(&self) -> io::Result<()> {
        let now = SystemTime::now();
        let age = |entry: &Entry| now.duration_since(entry.used).unwrap_or_default();
        let (old, mut kept): (Vec<_>, Vec<_>) = self
            .entries()?
            .into_iter()
            .partition(|entry| age(entry) > if entry.unfinished { ABANDONED } else { EXPIRY });
        kept.retain(|entry| !entry.unfinished);
        kept.sort_by_key(|entry| entry.used);
        let mut sum: u64 = kept.iter().map(|entry| entry.bytes).sum();
        let surplus = kept.into_iter().take_while(|entry| {
            let over = sum > self.limit;
            sum -= if over { entry.bytes } else { 0 };
            over
        });
        for entry in old.into_iter().chain(surplus) {
            // Another program may have been faster, or be reading it where that cannot be thrown away.
            let _ = fs::remove_file(entry.path);
        }
        Ok(())
    }

    /// Every file of ours in the folder.
    fn entries(&self) -> io::Result<Vec<Entry>> {
        let folder = match fs::read_dir(&self.folder) {
            Ok(folder) => folder,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        Ok(folder.filter_map(|found| entry(&found.ok()?)).collect())
    }
}

fn entry(found: &fs::DirEntry) -> Option<Entry> {
    let path = found.path();
    let name = path.file_name()?.to_str()?;
    let unfinished = name.starts_with(UNFINISHED);
    let ours = unfinished
        || name
            .strip_suffix(EXTENSION)
            .and_then(|stem| stem.strip_suffix('.'))
            .is_some_and(|stem| stem.len() == 64 && stem.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let about = found.metadata().ok().filter(|about| ours && about.is_file())?;
    Some(Entry {
        bytes: about.len(),
        used: about.modified().ok()?,
        path,
        unfinished,
    })
}

fn read(file: &mut File, most: u64) -> io::Result<Pages> {
    let mut header = [0; HEADER];
    file.read_exact(&mut header)?;
    let (mark, rest) = header.split_at(MARK.len());
    let (length, hash) = rest.split_at(8);
    let length = length.iter().rev().fold(0, |sum: u64, byte| sum << 8 | u64::from(*byte));
    let damaged = |what| Err(io::Error::new(io::ErrorKind::InvalidData, what));
    // Before anything of that size is asked of the system.
    if mark != MARK || length > most || file.metadata()?.len() != length + HEADER as u64 {
        return damaged("it is not as long as it says");
    }
    let mut bytes = Pages::default();
    bytes.reserve(usize::try_from(length).unwrap_or_default())?;
    io::copy(&mut file.take(length), &mut bytes)?;
    if bytes.len() as u64 != length || Sha256::digest(&*bytes).as_slice() != hash {
        return damaged("its bytes are not those that were written");
    }
    Ok(bytes)
}

fn write(file: &mut NamedTempFile, bytes: &[u8]) -> io::Result<()> {
    file.write_all(MARK)?;
    file.write_all(&(bytes.len() as u64).to_le_bytes())?;
    file.write_all(&Sha256::digest(bytes))?;
    file.write_all(bytes)
}

/// What one listens to is one's own business.
fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    const MOST: u64 = 1 << 20;

    fn kept(limit: u64) -> (tempfile::TempDir, Kept) {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::new(folder.path().join("previews"), limit);
        (folder, kept)
    }

    fn names(kept: &Kept) -> usize {
        fs::read_dir(kept.folder()).map_or(0, Iterator::count)
    }

    /// Puts the last use of an entry into the past.
    fn age(kept: &Kept, url: &str, by: Duration) {
        let file = File::options().write(true).open(kept.path(url)).unwrap();
        file.set_modified(SystemTime::now() - by).unwrap();
    }

    #[test]
    fn what_was_put_comes_back_also_to_another_program() {
        let (_folder, kept) = kept(MOST);
        assert!(kept.get("http://a/1?signature=secret", MOST).is_none());
        kept.put("http://a/1?signature=secret", b"music").unwrap();
        let other = Kept::new(kept.folder().to_owned(), MOST);
        assert_eq!(&*other.get("http://a/1?signature=secret", MOST).unwrap(), b"music");
        assert!(other.get("http://a/2", MOST).is_none());
        assert_eq!(kept.amount().unwrap(), Amount { previews: 1, bytes: 53 });
        let file = fs::read(kept.path("http://a/1?signature=secret")).unwrap();
        assert!(!file.windows(6).any(|six| six == b"secret"), "no address is written down");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(kept.folder()).unwrap().permissions().mode() & 0o777, 0o700);
        }
    }

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let (_folder, kept) = kept(3 * 1_048);
        for (url, ago) in [("a", 40), ("b", 30), ("c", 20)] {
            kept.put(url, &[1; 1_000]).unwrap();
            age(&kept, url, Duration::from_secs(ago));
        }
        assert!(kept.get("a", MOST).is_some());
        kept.put("d", &[1; 1_000]).unwrap();
        let here = ["a", "b", "c", "d"].map(|url| kept.get(url, MOST).is_some());
        assert_eq!(here, [true, false, true, true], "playing it again kept a");
        kept.put("large", &[1; 4_000]).unwrap();
        assert_eq!(kept.amount().unwrap().previews, 3, "what can never fit throws nothing out");
        age(&kept, "c", EXPIRY + Duration::from_secs(1));
        kept.put("d", &[2; 10]).unwrap();
        assert!(kept.get("c", MOST).is_none(), "not played for months");
    }

    #[test]
    fn damage_is_found_by_length_and_hash_and_thrown_away() {
        type Damage = fn(&mut Vec<u8>);
        let damages: [Damage; 6] = [
            |file| file.truncate(20),
            |file| file.truncate(file.len() - 1),
            |file| file.push(0),
            |file| *file.last_mut().unwrap() ^= 1,
            |file| file[0] = b'X',
            |file| file[8..16].copy_from_slice(&u64::MAX.to_le_bytes()),
        ];
        for (number, damage) in damages.into_iter().enumerate() {
            let (_folder, kept) = kept(MOST);
            kept.put("a", &[7; 500]).unwrap();
            let path = kept.path("a");
            let mut file = fs::read(&path).unwrap();
            damage(&mut file);
            fs::write(&path, file).unwrap();
            assert!(kept.get("a", MOST).is_none(), "damage {number}");
            assert!(!path.exists(), "damage {number}");
        }
        let (_folder, kept) = kept(MOST);
        kept.put("a", &[7; 500]).unwrap();
        assert!(kept.get("a", 499).is_none(), "larger than a preview may be");
    }

    #[test]
    fn clearing_takes_ours_and_nothing_else() {
        let (_folder, kept) = kept(MOST);
        assert_eq!(kept.clear().unwrap(), Amount::default());
        kept.put("a", b"1").unwrap();
        kept.put("b", b"22").unwrap();
        fs::write(kept.folder().join("incoming-x"), b"half").unwrap();
        fs::write(kept.folder().join("notes.txt"), b"mine").unwrap();
        assert_eq!(kept.clear().unwrap(), Amount { previews: 2, bytes: 99 });
        assert_eq!(names(&kept), 1);
    }

    #[test]
    fn what_another_program_clears_while_it_is_written_is_not_kept_and_no_error() {
        let (_folder, kept) = kept(MOST);
        let file = kept.write_aside(b"music").unwrap();
        Kept::new(kept.folder().to_owned(), MOST).clear().unwrap();
        kept.place(file, "a").unwrap();
        assert!(kept.get("a", MOST).is_none());
        kept.put("a", b"music").unwrap();
        assert_eq!(&*kept.get("a", MOST).unwrap(), b"music");
        assert_eq!(names(&kept), 1);
    }

    #[test]
    fn what_a_killed_program_left_goes_after_a_while() {
        let (_folder, kept) = kept(MOST);
        kept.put("a", b"1").unwrap();
        for (name, ago) in [
            ("incoming-old", ABANDONED + Duration::from_secs(5)),
            ("incoming-new", Duration::ZERO),
        ] {
            let path = kept.folder().join(name);
            fs::write(&path, b"half").unwrap();
            File::options()
                .write(true)
                .open(path)
                .unwrap()
                .set_modified(SystemTime::now() - ago)
                .unwrap();
        }
        kept.put("b", b"1").unwrap();
        assert!(!kept.folder().join("incoming-old").exists());
        assert!(kept.folder().join("incoming-new").exists(), "another program may be writing it now");
    }

    #[test]
    fn switched_off_it_keeps_nothing() {
        let (_folder, kept) = kept(0);
        kept.put("a", b"music").unwrap();
        assert!(kept.get("a", MOST).is_none());
        assert!(!kept.folder().exists());
    }

    #[test]
    fn two_programs_at_once_never_see_half_a_file_nor_exceed_the_limit() {
        let (_folder, kept) = kept(20 * 10_048);
        let programs: Vec<_> = (0..4)
            .map(|program| {
                let kept = Kept::new(kept.folder().to_owned(), kept.limit());
                thread::spawn(move || {
                    for round in 0..120_u32 {
                        let number = (round * 7 + program * 3) % 30;
                        let (url, body) = (format!("http://a/{number}"), vec![number as u8; 10_000]);
                        if round % 3 == 0 {
                            kept.put(&url, &body).unwrap();
                        } else if let Some(bytes) = kept.get(&url, MOST) {
                            assert_eq!(*bytes, body);
                        }
                        if program == 3 && round % 50 == 49 {
                            kept.clear().unwrap();
                        }
                    }
                })
            })
            .collect();
        for program in programs {
            program.join().unwrap();
        }
        kept.put("http://a/0", &[0; 10_000]).unwrap();
        assert!(kept.amount().unwrap().bytes <= kept.limit());
        assert_eq!(names(&kept) as u64, kept.amount().unwrap().previews, "nothing half written is left");
    }
}
