//! The peer: mpv, commanded over its socket.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::common::House;
use crate::listen::Shelf;
use crate::rig::Rig;
use crate::{NETWORKS, Network};

/// A running mpv with nothing to play.
pub struct Mpv {
    process: Child,
    socket: UnixStream,
    _folder: tempfile::TempDir,
}

impl Mpv {
    pub fn start(rig: &Rig) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let process = Command::new("mpv")
            .args([
                "--no-config",
                "--idle=yes",
                "--no-video",
                "--no-terminal",
                "--ao=pulse",
                "--volume=80",
            ])
            .arg(format!("--input-ipc-server={}", path.display()))
            .envs(rig.environment())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("mpv is needed: apt-get install mpv");
        let end = Instant::now() + Duration::from_secs(10);
        let socket = loop {
            if let Ok(socket) = UnixStream::connect(&path) {
                break socket;
            }
            assert!(Instant::now() < end, "mpv does not start");
            sleep(Duration::from_millis(20));
        };
        Self {
            process,
            socket,
            _folder: folder,
        }
    }

    pub fn process(&self) -> u32 {
        self.process.id()
    }

    /// Milliseconds from `loadfile` to the sound of each of so many tracks, while the one before plays, or after so much silence.
    pub fn loads(
        &mut self,
        house: &House,
        rig: &Rig,
        network: Network,
        count: usize,
        silence: Option<Duration>,
        music: &mut Shelf,
    ) -> Vec<f64> {
        NETWORKS[0].set(house);
        let rows = music.rows("calm piano");
        (0..=count).for_each(|row| music.prepare(&rows[row]));
        network.set(house);
        let times = (0..=count).map(|row| {
            if let Some(silence) = silence {
                self.command(&["stop"]);
                sleep(silence);
            }
            let mark = rig.mark();
            let since = Instant::now();
            self.command(&["loadfile", &rows[row]]);
            let time = music.time_to(&rows[row], rig, mark, since);
            sleep(Duration::from_millis(900));
            time
        });
        // The first one has nothing to follow.
        times.skip(1).collect()
    }

    fn command(&mut self, words: &[&str]) {
        let line = format!("{}\n", json!({"command": words}));
        self.socket.write_all(line.as_bytes()).unwrap();
    }
}

impl Drop for Mpv {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
