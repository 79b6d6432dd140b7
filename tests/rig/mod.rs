//! A real audio server without a sound card: PulseAudio with a null sink, whose monitor is recorded.

use std::fs;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Samples a second of the recording.
pub const RATE: usize = 48_000;

/// A running server and what came out of it.
pub struct Rig {
    folder: TempDir,
    server: Child,
    recorder: Child,
    heard: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Rig {
    /// Starts the server and the recording.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("native");
        fs::write(
            folder.path().join("asound.conf"),
            "</usr/share/alsa/alsa.conf>\npcm.!default { type pulse }\nctl.!default { type pulse }\n",
        )
        .unwrap();
        let environment = environment(&folder);
        let server = Command::new("pulseaudio")
            .args(["--daemonize=no", "--exit-idle-time=-1", "-n", "--log-level=error"])
            .arg("--load=module-null-sink sink_name=rig rate=48000 channels=2")
            .arg(format!(
                "--load=module-native-protocol-unix socket={} auth-anonymous=1",
                socket.display()
            ))
            .envs(environment.clone())
            .stderr(Stdio::null())
            .spawn()
            .expect("pulseaudio is needed: apt-get install pulseaudio pulseaudio-utils libasound2-plugins");
        let end = Instant::now() + Duration::from_secs(10);
        while !socket.exists() {
            assert!(Instant::now() < end, "the audio server does not start");
            std::thread::park_timeout(Duration::from_millis(20));
        }
        let mut recorder = Command::new("parec")
            .args([
                "-d",
                "rig.monitor",
                "--rate=48000",
                "--channels=2",
                "--format=s16le",
                "--latency-msec=5",
                "--raw",
            ])
            .envs(environment)
            .stdout(Stdio::piped())
            .spawn()
            .expect("parec is needed: apt-get install pulseaudio-utils");
        let heard = Arc::new(Mutex::new(Vec::new()));
        let mut output = recorder.stdout.take().unwrap();
        let kept = heard.clone();
        let reader = std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(read) = output.read(&mut buffer) {
                if read == 0 {
                    break;
                }
                kept.lock().unwrap().extend_from_slice(&buffer[..read]);
            }
        });
        Self {
            folder,
            server,
            recorder,
            heard,
            reader: Some(reader),
        }
    }

    /// Variables of a program that shall play here.
    pub fn environment(&self) -> Vec<(String, String)> {
        environment(&self.folder)
    }

    /// How many samples were recorded so far: a mark to look from later.
    pub fn mark(&self) -> usize {
        self.heard.lock().unwrap().len() / 4
    }

    /// The left channel since a mark.
    pub fn since(&self, mark: usize) -> Vec<f32> {
        let heard = self.heard.lock().unwrap();
        heard
            .chunks_exact(4)
            .skip(mark)
            .map(|frame| f32::from(i16::from_le_bytes([frame[0], frame[1]])) / 32768.0)
            .collect()
    }

    /// Waits until so many samples since a mark can be heard, and gives them from the first audible one on.
    pub fn wait_for_sound(&self, mark: usize, samples: usize) -> Vec<f32> {
        let end = Instant::now() + Duration::from_secs(30);
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
        ("ALSA_CONFIG_PATH", path("asound.conf")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

impl Drop for Rig {
    fn drop(&mut self) {
        let _ = self.recorder.kill();
        let _ = self.recorder.wait();
        let _ = self.server.kill();
        let _ = self.server.wait();
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}

/// A file as samples of the left channel at [`RATE`].
pub fn decode(bytes: Vec<u8>) -> Vec<f32> {
    use symphonia::core::codecs::audio::AudioDecoderOptions;
    use symphonia::core::formats::probe::Hint;
    use symphonia::core::formats::{FormatOptions, TrackType};
    use symphonia::core::io::MediaSourceStream;
    use symphonia::core::meta::MetadataOptions;

    let stream = MediaSourceStream::new(Box::new(std::io::Cursor::new(bytes)), Default::default());
    let mut format = symphonia::default::get_probe()
        .probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
        .unwrap();
    let track = format.default_track(TrackType::Audio).unwrap();
    let parameters = track.codec_params.as_ref().unwrap().audio().unwrap();
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(parameters, &AudioDecoderOptions::default())
        .unwrap();
    let mut left = Vec::new();
    while let Ok(Some(packet)) = format.next_packet() {
        let audio = decoder.decode(&packet).unwrap();
        assert_eq!(audio.spec().rate() as usize, RATE);
        let channels = audio.spec().channels().count();
        let mut samples = vec![0.0f32; audio.samples_interleaved()];
        audio.copy_to_slice_interleaved(&mut samples);
        left.extend(samples.iter().step_by(channels));
    }
    left
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

/// Integrated loudness in LUFS of one channel heard on both sides.
pub fn loudness(left: &[f32]) -> f64 {
    let mut meter = ebur128::EbuR128::new(2, RATE as u32, ebur128::Mode::I).unwrap();
    let both: Vec<f32> = left.iter().flat_map(|sample| [*sample; 2]).collect();
    meter.add_frames_f32(&both).unwrap();
    meter.loudness_global().unwrap()
}

fn mean(chunk: &[f32]) -> f64 {
    chunk.iter().map(|sample| f64::from(*sample)).sum::<f64>() / chunk.len() as f64
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let product: f64 = a.iter().zip(b).map(|(x, y)| x * y).sum();
    let power = |samples: &[f64]| samples.iter().map(|sample| sample * sample).sum::<f64>();
    let scale = (power(a) * power(b)).sqrt();
    if scale > 0.0 { product / scale } else { 0.0 }
}
