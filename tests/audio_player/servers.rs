//! Sound servers that hang, refuse or take their time, in place of the machine's own.

use std::fs::OpenOptions;
use std::io::{BufReader, Cursor, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::Command as Process;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use pulseaudio::protocol::stream::BufferAttr;
use pulseaudio::protocol::{
    AuthReply, Command as Word, CommandReply, CreatePlaybackStreamReply, MAX_VERSION, PulseError, Request, ServerInfo, SetClientNameReply,
    encode_command_message, encode_reply_message, read_descriptor,
};
use trackyard_tui::audio::{Command, DeviceEvent, Event, Limits, OutputChoice};

use super::rig::{Answer, Rig, Server, sine, wav};
use super::{SECOND, seconds};

/// The channel of what is said rather than played.
const NO_SOUND: u32 = u32::MAX;
/// What a stream is asked for at a time: 1024 frames.
const CHUNK: u32 = 8_192;

/// What a server does with who comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// It takes connections and says nothing.
    Mute,
    /// It lets nobody in.
    Refuses,
    /// Another program has its device to itself.
    Busy,
    Plays,
}

/// A sound server in this process.
struct Sounds {
    manner: Mutex<Manner>,
    /// Samples that were not silent.
    heard: AtomicUsize,
}

impl Sounds {
    fn start(socket: &Path, manner: Manner) -> Arc<Self> {
        let sounds = Arc::new(Self {
            manner: Mutex::new(manner),
            heard: AtomicUsize::new(0),
        });
        let listener = UnixListener::bind(socket).unwrap();
        let shared = Arc::clone(&sounds);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&shared);
                thread::spawn(move || shared.serve(stream));
            }
        });
        sounds
    }

    fn becomes(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    fn heard(&self) -> usize {
        self.heard.load(Ordering::SeqCst)
    }

    /// Until the other side is gone.
    fn serve(&self, stream: UnixStream) -> Option<()> {
        let mut socket = BufReader::new(stream);
        loop {
            let head = read_descriptor(&mut socket).ok()?;
            let mut body = vec![0; head.length as usize];
            socket.read_exact(&mut body).ok()?;
            if head.channel != NO_SOUND {
                self.play(&body);
                let request = Request {
                    channel: head.channel,
                    length: head.length,
                };
                say(&mut socket, NO_SOUND, &Word::Request(request))?;
                continue;
            }
            let (number, word) = Word::read_tag_prefixed(&mut Cursor::new(&body[..]), MAX_VERSION).ok()?;
            let manner = *self.manner.lock().unwrap();
            match (manner, word) {
                (Manner::Mute, _) => {}
                (Manner::Refuses, _) => say(&mut socket, number, &Word::Error(PulseError::AccessDenied))?,
                (_, Word::Auth(_)) => {
                    let welcome = AuthReply {
                        version: MAX_VERSION,
                        ..AuthReply::default()
                    };
                    answer(&mut socket, number, &welcome)?;
                }
                (_, Word::SetClientName(_)) => answer(&mut socket, number, &SetClientNameReply { client_id: 1 })?,
                (_, Word::GetServerInfo) => {
                    let info = ServerInfo {
                        default_sink_name: Some(c"speakers".into()),
                        ..ServerInfo::default()
                    };
                    answer(&mut socket, number, &info)?;
                }
                (Manner::Busy, _) => say(&mut socket, number, &Word::Error(PulseError::Busy))?,
                (Manner::Plays, Word::CreatePlaybackStream(_)) => {
                    let reply = CreatePlaybackStreamReply {
                        channel: 0,
                        requested_bytes: CHUNK,
                        buffer_attr: BufferAttr {
                            target_length: CHUNK,
                            ..BufferAttr::default()
                        },
                        ..CreatePlaybackStreamReply::default()
                    };
                    answer(&mut socket, number, &reply)?;
                }
                (Manner::Plays, word) => panic!("nobody asks for {word:?}"),
            }
        }
    }

    /// Hears the sound, as long as it takes: stereo at 44.1 kHz.
    fn play(&self, sound: &[u8]) {
        let samples = sound
            .chunks_exact(4)
            .map(|bytes| f32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
        self.heard
            .fetch_add(samples.filter(|sample| sample.abs() > 0.01).count(), Ordering::SeqCst);
        thread::sleep(Duration::from_secs_f64(sound.len() as f64 / 8.0 / 44_100.0));
    }
}

fn say(socket: &mut BufReader<UnixStream>, number: u32, word: &Word) -> Option<()> {
    let mut packet = Vec::new();
    let length = encode_command_message(&mut packet, number, word, MAX_VERSION).ok()?;
    socket.get_mut().write_all(&packet[..length]).ok()
}

fn answer<R: CommandReply>(socket: &mut BufReader<UnixStream>, number: u32, reply: &R) -> Option<()> {
    let mut packet = Vec::new();
    let length = encode_reply_message(&mut packet, number, reply, MAX_VERSION).ok()?;
    socket.get_mut().write_all(&packet[..length]).ok()
}

/// Runs a test again in a process of its own, since the server is looked for by the variables of the process, and there is no card there.
/// In that process, gives the folder where the server's socket `native` and its secret `cookie` belong.
fn alone(test: &str) -> Option<PathBuf> {
    const FOLDER: &str = "AUDIO_PLAYER_TEST_SERVER";
    if let Some(folder) = std::env::var_os(FOLDER) {
        return Some(folder.into());
    }
    let folder = tempfile::tempdir().unwrap();
    let ran = Process::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("servers::{test}")])
        .env(FOLDER, folder.path())
        .env("HOME", folder.path())
        .env("XDG_RUNTIME_DIR", folder.path())
        .env("PULSE_SERVER", format!("unix:{}", folder.path().join("native").display()))
        .env("PULSE_COOKIE", folder.path().join("cookie"))
        .env_remove("PULSE_RUNTIME_PATH")
        .env("ALSA_CONFIG_PATH", "/dev/null")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && said.contains("1 passed"), "{said}");
    None
}

/// Who reads the server's secret is stuck.
struct Stuck(PathBuf);

impl Stuck {
    fn let_go(self) {
        OpenOptions::new().write(true).open(&self.0).unwrap().write_all(&[0; 256]).unwrap();
    }
}

/// A server that plays, for who gets as far.
fn stuck(folder: &Path) -> (Arc<Sounds>, Stuck) {
    let cookie = folder.join("cookie");
    assert!(Process::new("mkfifo").arg(&cookie).status().unwrap().success());
    (Sounds::start(&folder.join("native"), Manner::Plays), Stuck(cookie))
}

/// A player that plays through the machine's own device.
fn rig() -> Rig {
    Rig::with(Limits::default(), Some(OutputChoice::Device { name: None }))
}

/// How many threads open a device.
fn opening() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|name| name.trim() == "opening-device").count()
}

fn silent(why: &str) -> Event {
    Event::Device(DeviceEvent::Silent(why.into()))
}

#[test]
fn while_a_server_says_nothing_the_player_takes_commands() {
    let Some(folder) = alone("while_a_server_says_nothing_the_player_takes_commands") else {
        return;
    };
    let _sounds = Sounds::start(&folder.join("native"), Manner::Mute);
    let server = Server::start(|_| Answer::ok(wav(&sine(440.0, 60.0))));
    let mut rig = rig();
    let first = rig.play(&server.url("/a"));
    rig.send(Command::Seek(SECOND * 5));
    rig.wait_for(|event| *event == Event::Position(first, SECOND * 5));
    let told = rig.was_told(|event| matches!(event, Event::Device(_)));
    assert!(!told, "it has not waited until it was clear that there is no answer");
    rig.wait_for(|event| *event == silent("the sound server does not answer"));
    // It goes on, and so do the attempts, one at a time.
    let second = rig.play(&server.url("/b"));
    rig.wait_for(|event| {
        assert!(opening() <= 1, "{} threads", opening());
        matches!(event, Event::Position(of, at) if *of == second && *at > SECOND * 5)
    });
}

#[test]
fn a_sound_system_that_is_stuck_gets_one_thread_and_is_heard_once_it_lets_go() {
    let Some(folder) = alone("a_sound_system_that_is_stuck_gets_one_thread_and_is_heard_once_it_lets_go") else {
        return;
    };
    let (sounds, stuck) = stuck(&folder);
    let server = Server::start(|_| Answer::ok(wav(&sine(440.0, 60.0))));
    let mut rig = rig();
    rig.play(&server.url("/a"));
    rig.wait_for(|event| *event == silent("the sound system does not answer"));
    for path in ["/b", "/c"] {
        let ticket = rig.play(&server.url(path));
        rig.wait_for(|event| matches!(event, Event::Position(of, at) if *of == ticket && *at > SECOND * 2));
        assert_eq!(opening(), 1, "the stuck one, and none beside it");
    }
    stuck.let_go();
    rig.wait_for(|event| *event == Event::Device(DeviceEvent::Opened));
    rig.wait_until("it is heard", |_| sounds.heard() > 20_000);
    rig.wait_until("the thread has ended", |_| opening() == 0);
}

#[test]
fn what_plays_waits_a_moment_for_a_device_that_takes_its_time() {
    let Some(folder) = alone("what_plays_waits_a_moment_for_a_device_that_takes_its_time") else {
        return;
    };
    let (sounds, stuck) = stuck(&folder);
    let server = Server::start(|_| Answer::ok(wav(&sine(440.0, 60.0))));
    let mut rig = rig();
    let ticket = rig.play(&server.url("/a"));
    // The answer to this comes when the device was waited for as long as it usually takes.
    rig.send(Command::Seek(SECOND * 5));
    rig.wait_for(|event| *event == Event::Position(ticket, SECOND * 5));
    stuck.let_go();
    rig.wait_for(|event| *event == Event::Started(ticket));
    let place = rig.wait_for(|event| matches!(event, Event::Position(..)));
    assert!(
        matches!(place, Event::Position(_, at) if at < seconds(5.5)),
        "nothing of it was missed: {place:?}"
    );
    let told: Vec<Event> = rig.all_events();
    let told: Vec<&Event> = told.iter().filter(|event| matches!(event, Event::Device(_))).collect();
    assert_eq!(told, [&Event::Device(DeviceEvent::Opened)]);
    rig.wait_until("it is heard", |_| sounds.heard() > 20_000);
}

#[test]
fn a_server_that_refuses_is_told_from_a_device_that_is_busy_and_both_are_tried_again() {
    let Some(folder) = alone("a_server_that_refuses_is_told_from_a_device_that_is_busy_and_both_are_tried_again") else {
        return;
    };
    let sounds = Sounds::start(&folder.join("native"), Manner::Refuses);
    let server = Server::start(|_| Answer::ok(wav(&sine(440.0, 60.0))));
    let mut rig = rig();
    rig.play(&server.url("/a"));
    rig.wait_for(|event| *event == silent("the sound server says: Access failure"));
    sounds.becomes(Manner::Busy);
    rig.wait_for(|event| *event == silent("the sound server says: Device or resource busy"));
    sounds.becomes(Manner::Plays);
    rig.wait_for(|event| *event == Event::Device(DeviceEvent::Opened));
    rig.wait_until("it is heard", |_| sounds.heard() > 20_000);
}
