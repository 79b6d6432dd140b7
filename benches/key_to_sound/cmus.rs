//! Another peer, where it is installed: cmus, a music player with a screen on the terminal.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::common::terminal::Terminal;
use crate::rig::Rig;

/// A running cmus.
pub struct Cmus {
    terminal: Terminal,
    socket: PathBuf,
    _home: tempfile::TempDir,
}

impl Cmus {
    /// `None` where it is not installed.
    pub fn start(rig: &Rig) -> Option<Self> {
        Command::new("cmus").arg("--version").stdout(Stdio::null()).status().ok()?;
        let home = tempfile::tempdir().unwrap();
        let settings = home.path().join(".config/cmus");
        std::fs::create_dir_all(&settings).unwrap();
        std::fs::write(
            settings.join("rc"),
            "set output_plugin=pulse\nset mpris=false\nset softvol=true\nset softvol_state=80 80\n",
        )
        .unwrap();
        let socket = home.path().join("socket");
        let mut environment = rig.environment();
        environment.push(("HOME".into(), home.path().display().to_string()));
        let terminal = Terminal::start_other("cmus", &["--listen", socket.to_str().unwrap()], &environment, 140, 42);
        terminal.wait_for("Library");
        Some(Self {
            terminal,
            socket,
            _home: home,
        })
    }

    pub fn play(&self, rig: &Rig, file: &Path) {
        let mark = rig.mark();
        let done = Command::new("cmus-remote")
            .arg("--server")
            .arg(&self.socket)
            .arg("--file")
            .arg(file)
            .status()
            .unwrap();
        assert!(done.success(), "cmus-remote fails");
        rig.wait_for_sound(mark, crate::rig::RATE / 10);
    }

    pub fn process(&self) -> u32 {
        self.terminal.process()
    }
}
