//! A real pseudo-terminal with the program in it, and what is on its screen.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// How long something may take before the test fails.
pub const PATIENCE: Duration = Duration::from_mins(1);

struct Seen {
    parser: vt100::Parser,
    written: Vec<u8>,
    closed: bool,
}

/// The program on a terminal.
pub struct Terminal {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    typed: String,
    seen: Arc<(Mutex<Seen>, Condvar)>,
}

impl Terminal {
    /// Starts the program.
    pub fn start(args: &[&str], environment: &[(String, String)], columns: u16, rows: u16) -> Self {
        Self::start_other(super::PROGRAM, args, environment, columns, rows)
    }

    /// Starts another program.
    pub fn start_other(program: &str, args: &[&str], environment: &[(String, String)], columns: u16, rows: u16) -> Self {
        let pair = native_pty_system()
            .openpty(PtySize {
                rows,
                cols: columns,
                pixel_width: 0,
                pixel_height: 0,
            })
            .unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env_clear();
        for (name, value) in super::needed_environment() {
            command.env(name, value);
        }
        command.env("TERM", "xterm-256color");
        for (name, value) in environment {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let keys = pair.master.take_writer().unwrap();
        let mut screen = pair.master.try_clone_reader().unwrap();
        let seen = Arc::new((
            Mutex::new(Seen {
                parser: vt100::Parser::new(cells(rows), cells(columns), 0),
                written: Vec::new(),
                closed: false,
            }),
            Condvar::new(),
        ));
        let told = seen.clone();
        std::thread::spawn(move || {
            let mut buffer = [0; 16 << 10];
            loop {
                let read = screen.read(&mut buffer).unwrap_or(0);
                let mut seen = lock(&told.0);
                seen.parser.process(&buffer[..read]);
                seen.written.extend_from_slice(&buffer[..read]);
                seen.closed = read == 0;
                told.1.notify_all();
                if read == 0 {
                    break;
                }
            }
        });
        Self {
            master: pair.master,
            child,
            keys,
            typed: String::new(),
            seen,
        }
    }

    /// Types.
    pub fn type_keys(&mut self, keys: &str) -> &mut Self {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
        self.typed.push_str(keys);
        self
    }

    /// Everything that was typed so far.
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// What is on the screen.
    pub fn screen(&self) -> String {
        lock(&self.seen.0).parser.screen().contents()
    }

    /// How often the bell has rung.
    pub fn bells(&self) -> usize {
        lock(&self.seen.0).written.split(|byte| *byte == 7).count() - 1
    }

    /// Bytes the program has written so far.
    pub fn bytes_written(&self) -> usize {
        lock(&self.seen.0).written.len()
    }

    /// Whether the program has ever written these bytes, to whatever end.
    pub fn ever_wrote(&self, bytes: &[u8]) -> bool {
        lock(&self.seen.0).written.windows(bytes.len()).any(|part| part == bytes)
    }

    /// Waits until something holds that is not the text of the screen.
    #[track_caller]
    pub fn wait_that(&self, what: &str, holds: impl Fn(&Self) -> bool) -> &Self {
        let end = Instant::now() + PATIENCE;
        while !holds(self) {
            assert!(Instant::now() < end, "never saw {what}; the screen is\n{}", self.screen());
            let seen = lock(&self.seen.0);
            drop(self.seen.1.wait_timeout(seen, Duration::from_millis(50)).unwrap());
        }
        self
    }

    /// Whether this colour, by its number among 256, is on the screen.
    pub fn shows_color(&self, number: u8) -> bool {
        let seen = lock(&self.seen.0);
        let screen = seen.parser.screen();
        let (rows, columns) = screen.size();
        let wanted = vt100::Color::Idx(number);
        (0..rows.into())
            .flat_map(|row| (0..columns.into()).map(move |column| (row, column)))
            .filter_map(|(row, column)| screen.cell(row, column))
            .any(|cell| cell.fgcolor() == wanted || cell.bgcolor() == wanted)
    }

    /// Whether the text cursor is shown: what is typed goes into a box. A frame places or hides it at its end.
    pub fn shows_cursor(&self) -> bool {
        !lock(&self.seen.0).parser.screen().hide_cursor()
    }

    /// Whether the alternate screen is shown.
    pub fn on_alternate_screen(&self) -> bool {
        lock(&self.seen.0).parser.screen().alternate_screen()
    }

    /// Waits until the screen is as wanted.
    #[track_caller]
    pub fn wait_until(&self, what: &str, wanted: impl Fn(&str) -> bool) -> &Self {
        let end = Instant::now() + PATIENCE;
        let mut seen = lock(&self.seen.0);
        loop {
            let screen = seen.parser.screen().contents();
            if wanted(&screen) {
                return self;
            }
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero() && !seen.closed, "never saw {what}; the screen is\n{screen}");
            seen = self.wait(seen, left);
        }
    }

    /// Waits until a text is on the screen.
    #[track_caller]
    pub fn wait_for(&self, text: &str) -> &Self {
        self.wait_until(text, |screen| screen.contains(text))
    }

    /// Waits until a text is gone from the screen.
    #[track_caller]
    pub fn wait_gone(&self, text: &str) -> &Self {
        self.wait_until(&format!("{text:?} gone"), |screen| !screen.contains(text))
    }

    /// Waits for more of the program's output, at most so long.
    fn wait<'a>(&self, seen: MutexGuard<'a, Seen>, most: Duration) -> MutexGuard<'a, Seen> {
        self.seen.1.wait_timeout(seen, most).unwrap_or_else(PoisonError::into_inner).0
    }

    /// Changes the size of the window. What is on the screen then has to come from the program anew.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        let mut seen = lock(&self.seen.0);
        seen.parser = vt100::Parser::new(cells(rows), cells(columns), 0);
        let size = PtySize {
            rows,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        self.master.resize(size).unwrap();
    }

    /// The process id.
    pub fn process(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Waits until the program has ended.
    pub fn wait_exit(&mut self) -> ExitStatus {
        let end = Instant::now() + PATIENCE;
        let mut seen = lock(&self.seen.0);
        while !seen.closed {
            let left = end.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero(),
                "it has not ended; the screen is\n{}",
                seen.parser.screen().contents()
            );
            seen = self.wait(seen, left);
        }
        drop(seen);
        self.child.wait().unwrap()
    }
}

/// A test that fails while it looks has failed once; who reads what the program writes goes on.
fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).unwrap()
}
