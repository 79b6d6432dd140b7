//! A real audio server without a sound card: PulseAudio with a null sink, whose monitor is recorded.

// Each target uses its own part of this.
#![allow(dead_code)]

use std::fs;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::common::mp3::Decoded;

/// Samples a second of the recording.
pub const RATE: usize = 48_000;

/// How long something may take before a test fails.
pub const PATIENCE: Duration = Duration::from_mins(1);

const SINK: &str = "sink_name=rig rate=48000 channels=2";

/// What was recorded.
#[derive(Default)]
struct Heard {
    bytes: Vec<u8>,
    /// When each piece of it came, and how many bytes were there before.
    pieces: Vec<(Instant, usize)>,
}

/// One server at a time: beside others on a small machine its recording has gaps that no listener would hear.
static TURN: Mutex<()> = Mutex::new(());

/// A running server and what came out of it.
pub struct Rig {
    folder: TempDir,
    server: Child,
    recorder: Option<Recorder>,
    heard: Arc<Mutex<Heard>>,
    _turn: MutexGuard<'static, ()>,
}

/// Takes down what a sink plays.
struct Recorder {
    process: Child,
    reader: Option<JoinHandle<()>>,
}

impl Recorder {
    fn start(folder: &TempDir, sink: &str, heard: Arc<Mutex<Heard>>) -> Self {
        let mut process = Command::new("parec")
            .args(["-d", &format!("{sink}.monitor")])
            .args(["--rate=48000", "--channels=2", "--format=s16le", "--latency-msec=5", "--raw"])
            .envs(environment(folder))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("parec is needed: apt-get install pulseaudio-utils");
        let mut output = process.stdout.take().unwrap();
        let reader = std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(read) = output.read(&mut buffer) {
                if read == 0 {
                    break;
                }
                let mut heard = heard.lock().unwrap();
                let before = heard.bytes.len();
                heard.pieces.push((Instant::now(), before));
                heard.bytes.extend_from_slice(&buffer[..read]);
            }
        });
        Self {
            process,
            reader: Some(reader),
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}

impl Rig {
    /// Starts the server and the recording.
    pub fn start() -> Self {
        // Of a test that failed nothing is left but its turn.
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("native");
        fs::write(
            folder.path().join("asound.conf"),
            "</usr/share/alsa/alsa.conf>\npcm.!default { type pulse }\nctl.!default { type pulse }\n",
        )
        .unwrap();
        fs::write(folder.path().join("cookie"), [0; 256]).unwrap();
        let server = Command::new("pulseaudio")
            .args(["--daemonize=no", "--exit-idle-time=-1", "-n", "--log-level=error"])
            .arg(format!("--load=module-null-sink {SINK}"))
            .arg(format!(
                "--load=module-native-protocol-unix socket={} auth-anonymous=1",
                socket.display()
            ))
            .envs(environment(&folder))
            .stderr(Stdio::null())
            .spawn()
            .expect("pulseaudio is needed: apt-get install pulseaudio pulseaudio-utils libasound2-plugins");
        let end = Instant::now() + PATIENCE;
        while !socket.exists() {
            assert!(Instant::now() < end, "the audio server does not start");
            std::thread::park_timeout(Duration::from_millis(20));
        }
        let heard = Arc::new(Mutex::new(Heard::default()));
        let recorder = Some(Recorder::start(&folder, "rig", heard.clone()));
        Self {
            folder,
            server,
            recorder,
            heard,
            _turn: turn,
        }
    }

    /// Asks the server for something.
    pub fn pactl(&self, words: &[&str]) -> String {
        let answer = Command::new("pactl").args(words).envs(self.environment()).output().unwrap();
        assert!(answer.status.success(), "{words:?}: {}", String::from_utf8_lossy(&answer.stderr));
        String::from_utf8_lossy(&answer.stdout).into_owned()
    }

    /// Takes the only device away.
    pub fn unplug(&mut self) {
        self.recorder = None;
        self.pactl(&["unload-module", "module-null-sink"]);
    }

    /// Gives it back, and goes on recording.
    pub fn plug(&mut self) {
        let words: Vec<&str> = ["load-module", "module-null-sink"].into_iter().chain(SINK.split(' ')).collect();
        self.pactl(&words);
        self.recorder = Some(Recorder::start(&self.folder, "rig", self.heard.clone()));
    }

    /// Adds another device, which is not the default one, and records that one from now on.
    pub fn listen_to_another(&mut self, name: &str) {
        self.add_default(name);
        self.pactl(&["set-default-sink", "rig"]);
        self.listen_to(name);
    }

    /// Adds another device, and makes it the default one.
    pub fn add_default(&self, name: &str) {
        self.pactl(&[
            "load-module",
            "module-null-sink",
            &format!("sink_name={name}"),
            "rate=48000",
            "channels=2",
        ]);
        self.pactl(&["set-default-sink", name]);
    }

    /// The device that something plays on; `None` while nothing does.
    pub fn playing_on(&self) -> Option<String> {
        let streams = self.pactl(&["list", "short", "sink-inputs"]);
        let number = streams.lines().next()?.split('\t').nth(1)?.to_owned();
        let devices = self.pactl(&["list", "short", "sinks"]);
        devices.lines().find_map(|device| {
            let mut fields = device.split('\t');
            (fields.next()? == number).then(|| fields.next().unwrap_or_default().to_owned())
        })
    }

    /// Records this device from now on.
    pub fn listen_to(&mut self, name: &str) {
        self.recorder = Some(Recorder::start(&self.folder, name, self.heard.clone()));
    }

    /// Stops the server where it is: it takes connections and says nothing.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.server.id().to_string()]).status().unwrap();
        assert!(sent.success(), "kill {signal}");
    }

    /// Variables of a program that shall play here.
    pub fn environment(&self) -> Vec<(String, String)> {
        environment(&self.folder)
    }

    /// The same for a program that shall find no server, only the card of ALSA, behind which the server is.
    pub fn environment_of_a_card(&self) -> Vec<(String, String)> {
        let config = self.folder.path().join("card.conf");
        let server = format!("unix:{}", self.folder.path().join("native").display());
        fs::write(
            &config,
            format!(
                "</usr/share/alsa/alsa.conf>\npcm.!default {{ type pulse\nserver \"{server}\" }}\nctl.!default {{ type pulse\nserver \"{server}\" }}\n"
            ),
        )
        .unwrap();
        let mut environment = self.environment();
        environment.retain(|(name, _)| name != "PULSE_SERVER");
        for (name, value) in &mut environment {
            match name.as_str() {
                "ALSA_CONFIG_PATH" => *value = config.display().to_string(),
                // The socket of the server lies in the folder that this names otherwise.
                "PULSE_RUNTIME_PATH" => *value = self.folder.path().join("no server").display().to_string(),
                _ => {}
            }
        }
        environment
    }

    /// How many samples were recorded so far: a mark to look from later.
    pub fn mark(&self) -> usize {
        self.heard.lock().unwrap().bytes.len() / 4
    }

    /// Forgets what was recorded so far: hours of it would fill the memory. Marks from before mean nothing any more.
    pub fn forget(&self) {
        let mut heard = self.heard.lock().unwrap();
        // A frame of which only a part has come stays.
        let whole = heard.bytes.len() / 4 * 4;
        heard.bytes.drain(..whole);
        heard.pieces.clear();
    }

    /// How many streams the server plays.
    pub fn streams(&self) -> usize {
        self.pactl(&["list", "short", "sink-inputs"]).lines().count()
    }

    /// When a sample was recorded, at the latest: a piece comes after its last sample sounded, never before.
    pub fn moment(&self, sample: usize) -> Instant {
        let heard = self.heard.lock().unwrap();
        let piece = heard.pieces.partition_point(|(_, before)| *before <= sample * 4) - 1;
        let (came, _) = heard.pieces[piece];
        let behind = heard.pieces.get(piece + 1).map_or(heard.bytes.len(), |(_, before)| *before);
        came.checked_sub(Duration::from_secs_f64((behind - sample * 4) as f64 / 4.0 / RATE as f64))
            .unwrap()
    }

    /// The left channel since a mark.
    pub fn since(&self, mark: usize) -> Vec<f32> {
        let heard = self.heard.lock().unwrap();
        heard.bytes[mark * 4..]
            .chunks_exact(4)
            .map(|frame| f32::from(i16::from_le_bytes([frame[0], frame[1]])) / 32768.0)
            .collect()
    }

    /// Waits until so many samples were recorded since a mark.
    pub fn wait_for_samples(&self, mark: usize, samples: usize) {
        let end = Instant::now() + PATIENCE;
        while self.mark() < mark + samples {
            assert!(Instant::now() < end, "nothing is recorded");
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    /// Waits until so many samples in a row, recorded from now on, are silent.
    pub fn wait_for_silence(&self, samples: usize) {
        let end = Instant::now() + PATIENCE;
        let mut mark = self.mark();
        loop {
            let sound = self.since(mark);
            match sound.iter().rposition(|sample| sample.abs() >= 0.001) {
                Some(last) => mark += last + 1,
                None if sound.len() >= samples => return,
                None => {}
            }
            assert!(Instant::now() < end, "it does not become silent");
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    /// Waits until so many samples since a mark can be heard, and gives them from the first audible one on.
    pub fn wait_for_sound(&self, mark: usize, samples: usize) -> Vec<f32> {
        let end = Instant::now() + PATIENCE;
        loop {
            let sound = self.since(mark);
            if let Some(first) = sound.iter().position(|sample| sample.abs() > 0.004)
                && sound.len() - first >= samples
            {
                return sound[first..first + samples].to_vec();
            }
            assert!(Instant::now() < end, "nothing is heard");
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }
}

fn environment(folder: &TempDir) -> Vec<(String, String)> {
    let path = |name: &str| folder.path().join(name).display().to_string();
    let here = folder.path().display().to_string();
    [
        ("XDG_RUNTIME_DIR", here.clone()),
        ("PULSE_RUNTIME_PATH", here.clone()),
        ("PULSE_STATE_PATH", here),
        ("PULSE_SERVER", format!("unix:{}", path("native"))),
        // Without one of the right length, a server does not even look who is there, and the way through ALSA would be taken.
        ("PULSE_COOKIE", path("cookie")),
        ("ALSA_CONFIG_PATH", path("asound.conf")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.recorder = None;
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A file as samples of the left channel at [`RATE`].
pub fn decode(bytes: Vec<u8>) -> Vec<f32> {
    let sound = Decoded::of(bytes);
    assert_eq!(sound.rate as usize, RATE);
    sound.left()
}

/// How alike a recording and a piece of music are, at the place where they are most alike: 1 is the same but for loudness.
pub fn likeness(recording: &[f32], music: &[f32]) -> f64 {
    // Means of 32 samples are enough to tell tracks apart; every shift of them is tried.
    const STEP: usize = 32;
    let sparse: Vec<f64> = recording.chunks(STEP).map(mean).collect();
    let whole: Vec<f64> = music.chunks(STEP).map(mean).collect();
    (0..STEP)
        .flat_map(|shift| {
            let shifted: Vec<f64> = if shift == 0 {
                whole.clone()
            } else {
                music[shift.min(music.len())..].chunks(STEP).map(mean).collect()
            };
            shifted
                .windows(sparse.len())
                .map(|window| correlation(&sparse, window))
                .collect::<Vec<_>>()
        })
        .fold(0.0, f64::max)
}

/// Loudness in LUFS of a steady sound in one channel, heard on both sides: of its loudest 0.4 s, since a machine that has too much to do
/// leaves gaps in a recording.
pub fn steady_loudness(left: &[f32]) -> f64 {
    let block = |part: &[f32]| {
        let mut meter = ebur128::EbuR128::new(2, RATE as u32, ebur128::Mode::M).unwrap();
        let both: Vec<f32> = part.iter().flat_map(|sample| [*sample; 2]).collect();
        meter.add_frames_f32(&both).unwrap();
        meter.loudness_momentary().unwrap()
    };
    left.chunks_exact(RATE * 2 / 5).map(block).fold(f64::NEG_INFINITY, f64::max)
}

fn mean(chunk: &[f32]) -> f64 {
    chunk.iter().map(|sample| f64::from(*sample)).sum::<f64>() / chunk.len() as f64
}

/// How alike two sounds of one length are: 1 when they are the same but for loudness.
pub fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let product: f64 = a.iter().zip(b).map(|(x, y)| x * y).sum();
    let power = |samples: &[f64]| samples.iter().map(|sample| sample * sample).sum::<f64>();
    let scale = (power(a) * power(b)).sqrt();
    if scale > 0.0 { product / scale } else { 0.0 }
}
