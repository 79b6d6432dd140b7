//! What the program holds, looked at when it has come to rest.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};
use url::Url;

use crate::load::resident;
use crate::user::User;

/// Connections to the previews' server that are kept for the next preview.
pub const KEPT_CONNECTIONS: usize = 4;
/// Something that never comes to rest is wrong.
const PATIENCE: Duration = Duration::from_mins(3);
/// Tables that grow with what is seen, heard, asked and bought, and the bytes that a row of each takes at most, its share of every index
/// included. What is left out comes and goes.
const LIBRARY: [(&str, u64); 7] = [
    ("tracks", 4_000),
    ("searches", 8_000),
    ("vocabulary", 200),
    ("heard", 300),
    ("choices", 400),
    ("analyses", 2_500),
    ("calls", 400),
];
const LEDGER: [(&str, u64); 2] = [("spends", 2_000), ("fits", 1_000)];

/// The head of the table.
pub const HEADING: &str = "   time  actions  RSS MB  threads  handles  data MB    rows  logs MB  cache MB  screen kB";

/// Things by their kind, and how many there are of each.
type Kinds = BTreeMap<String, usize>;

/// What is held at a moment.
pub struct Sample {
    /// Since the start.
    pub at: Duration,
    pub actions: usize,
    /// Megabytes.
    pub resident: f64,
    /// Threads by their names.
    pub threads: Kinds,
    /// Open files by what they are, but for connections to the sandbox.
    pub handles: Kinds,
    /// Connections to the sandbox.
    pub connections: usize,
    /// Megabytes in both databases, with what stands in their logs.
    pub data: f64,
    /// Rows of what only grows, and how many megabytes they can account for.
    pub rows: u64,
    pub accounted: f64,
    /// Megabytes of the databases' logs on the disk.
    pub logs: f64,
    /// Megabytes of kept previews.
    pub cache: f64,
    /// Bytes written to the screen so far.
    pub written: usize,
}

impl Sample {
    /// Whether it has more threads, more open files or more connections than another one, or than are kept.
    pub fn holds_more_than(&self, other: &Self) -> bool {
        sum(&self.threads) > sum(&other.threads) || sum(&self.handles) > sum(&other.handles) || self.connections > KEPT_CONNECTIONS
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.at.as_secs();
        write!(
            f,
            "{:>4}:{:02} {:>8} {:>7.1} {:>8} {:>8} {:>8.2} {:>7} {:>8.1} {:>9.1} {:>10}",
            seconds / 60,
            seconds % 60,
            self.actions,
            self.resident,
            sum(&self.threads),
            sum(&self.handles),
            self.data,
            self.rows,
            self.logs,
            self.cache,
            self.written / 1000
        )
    }
}

/// How many there are in all.
pub fn sum(kinds: &Kinds) -> usize {
    kinds.values().sum()
}

/// Has it come to rest: heard once more, paused, its device let go, and then nothing drawn, no thread and no file coming or going for so long.
pub fn rest(user: &mut User, still: Duration) {
    user.hear();
    user.terminal.type_keys(" ").wait_for("‖");
    user.terminal.wait_that("the device let go", |_| user.rig.streams() == 0);
    let process = user.terminal.process();
    let ports = ports(user);
    let look = || (user.terminal.bytes_written(), threads(process), handles(process, &ports));
    let begun = Instant::now();
    let (mut before, mut since) = (look(), begun);
    while since.elapsed() < still {
        assert!(begun.elapsed() < PATIENCE, "it does not come to rest: {before:?}");
        std::thread::sleep(Duration::from_millis(100));
        let now = look();
        if now != before {
            (before, since) = (now, Instant::now());
        }
    }
}

/// Looks at everything.
pub fn look(user: &User, begun: Instant) -> Sample {
    let process = user.terminal.process();
    let (handles, connections) = handles(process, &ports(user));
    let folder = user.house.path().join(".local/share/trackyard-tui");
    let (library, ledger) = (folder.join("library.db"), folder.join("ledger.db"));
    let databases = [database(&library, &LIBRARY), database(&ledger, &LEDGER)];
    let in_both = |what: fn(&Database) -> u64| databases.iter().map(what).sum::<u64>();
    let logs = [library, ledger].map(|path| fs::metadata(path.with_extension("db-wal")).map_or(0, |log| log.len()));
    Sample {
        at: begun.elapsed(),
        actions: user.history.len(),
        resident: resident(process),
        threads: threads(process),
        handles,
        connections,
        data: megabytes(in_both(|database| database.bytes)),
        rows: in_both(|database| database.rows),
        accounted: megabytes(in_both(|database| database.accounted)),
        logs: megabytes(logs.iter().sum()),
        cache: megabytes(size(&user.house.path().join(".cache/trackyard-tui/previews"))),
        written: user.terminal.bytes_written(),
    }
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// The ports of the sandbox: the API's and the previews'.
fn ports(user: &User) -> [u16; 2] {
    let port = |url: &str| Url::parse(url).unwrap().port().unwrap();
    [port(user.house.sandbox.api_url()), port(user.house.sandbox.preview_origin())]
}

/// The threads of a process, by their names.
fn threads(process: u32) -> Kinds {
    let mut kinds = Kinds::new();
    for task in fs::read_dir(format!("/proc/{process}/task")).unwrap().flatten() {
        // One that has just ended has no name any more.
        if let Ok(name) = fs::read_to_string(task.path().join("comm")) {
            *kinds.entry(name.trim_end().to_owned()).or_default() += 1;
        }
    }
    kinds
}

/// The open files of a process by what they are, and apart from them how many are connections to one of these ports.
fn handles(process: u32, ports: &[u16]) -> (Kinds, usize) {
    let table = fs::read_to_string(format!("/proc/{process}/net/tcp")).unwrap();
    let to_sandbox: HashSet<String> = table.lines().skip(1).filter_map(|line| connection(line, ports)).collect();
    let (mut kinds, mut connections) = (Kinds::new(), 0);
    for file in fs::read_dir(format!("/proc/{process}/fd")).unwrap().flatten() {
        // One that has just been closed leads nowhere any more.
        let Ok(target) = fs::read_link(file.path()) else { continue };
        let name = target.to_string_lossy().into_owned();
        if to_sandbox.contains(&name) {
            connections += 1;
            continue;
        }
        // The rest of `socket:[4026]` and of `pipe:[4027]` is a number.
        let kind = match name.split_once(":[") {
            Some((kind @ ("socket" | "pipe"), _)) => kind,
            _ => name.as_str(),
        };
        *kinds.entry(kind.to_owned()).or_default() += 1;
    }
    (kinds, connections)
}

/// What the open file of a connection is called, by its line of the kernel's table, if it leads to one of these ports.
fn connection(line: &str, ports: &[u16]) -> Option<String> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (_, port) = fields.get(2)?.rsplit_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let inode = fields.get(9)?;
    ports.contains(&port).then(|| format!("socket:[{inode}]"))
}

/// What is in a database.
struct Database {
    bytes: u64,
    rows: u64,
    /// Bytes that its rows can account for.
    accounted: u64,
}

/// Looks into a database that is in use. Its size is the one it has once its log is taken over.
fn database(path: &Path, tables: &[(&str, u64)]) -> Database {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags).unwrap();
    db.busy_timeout(Duration::from_secs(10)).unwrap();
    let number = |sql: &str| db.query_row(sql, (), |row| row.get::<_, i64>(0)).unwrap() as u64;
    let mut found = Database {
        bytes: number("PRAGMA page_count") * number("PRAGMA page_size"),
        rows: 0,
        accounted: 0,
    };
    for (table, bytes) in tables {
        let rows = number(&format!("SELECT count(*) FROM {table}"));
        found.rows += rows;
        found.accounted += rows * bytes;
    }
    found
}

/// Bytes of the files in a folder.
fn size(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum()
}
