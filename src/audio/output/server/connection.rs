//! The connection to the sound server: what is asked and answered.

use std::ffi::CString;
use std::io::{self, BufReader, Cursor, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use pulseaudio::protocol::{
    AuthParams, AuthReply, Command, CommandReply, MAX_VERSION, Prop, Props, ProtocolError, ServerInfo, SetClientNameReply, SinkInfo,
    SinkInfoList, TagStructReader, encode_command_message, read_descriptor,
};

use crate::text::Clean;

/// A server that is silent for longer than this while it is asked something does not answer.
const ANSWER: Duration = Duration::from_secs(2);
/// A message longer than this is not one of a sound server.
const LONGEST: u32 = 16 * 1024 * 1024;
/// Bytes of the secret that a server may want to be shown.
const COOKIE: usize = 256;
/// The channel of what is said rather than played.
const NO_SOUND: u32 = u32::MAX;
/// What the server knows us by, and remembers our loudness by.
const NAME: &std::ffi::CStr = c"trackyard-tui";

/// A connection that was let in.
pub(super) struct Connection {
    reader: BufReader<UnixStream>,
    /// The version of the protocol that both speak.
    version: u16,
    /// The number of the question asked last.
    asked: u32,
    message: Vec<u8>,
}

impl Connection {
    /// Connects to the server that the environment names; `None` where there is none.
    pub(super) fn open() -> Result<Option<Self>, String> {
        for path in sockets(|name| std::env::var(name).ok())? {
            match UnixStream::connect(path) {
                Ok(socket) => return Self::greet(socket).map(Some),
                // None, or one that an ended server left.
                Err(error) if matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::NotFound) => {}
                Err(error) => return Err(format!("the sound server lets nobody in: {error}")),
            }
        }
        Ok(None)
    }

    fn greet(socket: UnixStream) -> Result<Self, String> {
        let silent = |error: io::Error| format!("the sound server's socket does not work: {error}");
        socket.set_read_timeout(Some(ANSWER)).map_err(silent)?;
        socket.set_write_timeout(Some(ANSWER)).map_err(silent)?;
        let mut connection = Self {
            reader: BufReader::new(socket),
            version: MAX_VERSION,
            asked: 0,
            message: Vec::new(),
        };
        let cookie = pulseaudio::cookie_path_from_env().and_then(|path| std::fs::read(path).ok());
        // One of another length is refused, even where nobody needs any.
        let cookie = cookie.filter(|cookie| cookie.len() == COOKIE).unwrap_or_else(|| vec![0; COOKIE]);
        let welcome: AuthReply = connection.ask(&Command::Auth(AuthParams {
            version: MAX_VERSION,
            supports_shm: false,
            supports_memfd: false,
            cookie,
        }))?;
        connection.version = MAX_VERSION.min(welcome.version);
        let mut props = Props::new();
        props.set(Prop::ApplicationName, NAME);
        let id = CString::new(std::process::id().to_string()).unwrap_or_default();
        props.set(Prop::ApplicationProcessId, id);
        let _: SetClientNameReply = connection.ask(&Command::SetClientName(props))?;
        Ok(connection)
    }

    /// Every device of the server.
    pub(super) fn sinks(&mut self) -> Result<Vec<SinkInfo>, String> {
        self.ask::<SinkInfoList>(&Command::GetSinkInfoList)
    }

    /// The name of the default device, where there is one.
    pub(super) fn default_sink(&mut self) -> Result<Option<CString>, String> {
        let info: ServerInfo = self.ask(&Command::GetServerInfo)?;
        Ok(info.default_sink_name)
    }

    /// Asks and waits for the answer; what the server says in between is about nothing of ours yet.
    pub(super) fn ask<R: CommandReply>(&mut self, question: &Command) -> Result<R, String> {
        self.asked += 1;
        let mut packet = Vec::new();
        let sent = encode_command_message(&mut packet, self.asked, question, self.version).map_err(told)?;
        self.writer().write_all(&packet[..sent]).map_err(|error| told(error.into()))?;
        loop {
            self.fetch().map_err(told)?;
            let mut message = Cursor::new(&self.message[..]);
            match Command::read_tag_prefixed(&mut message, self.version) {
                Ok((number, Command::Error(error))) if number == self.asked => return Err(told(ProtocolError::ServerError(error))),
                Ok((number, Command::Reply)) if number == self.asked => {
                    return TagStructReader::new(&mut message, self.version).read().map_err(told);
                }
                _ => {}
            }
        }
    }

    /// Waits for the next thing that the server says. What the protocol's library does not know is passed over.
    pub(super) fn next_event(&mut self) -> Result<Command, String> {
        loop {
            self.fetch().map_err(told)?;
            match Command::read_tag_prefixed(&mut Cursor::new(&self.message[..]), self.version) {
                Ok((_, event)) => return Ok(event),
                Err(error) => tracing::debug!(%error, "the sound server says something unknown"),
            }
        }
    }

    /// From now on the server may be silent for as long as it likes. Gives another hold on the socket, to end it by.
    pub(super) fn wait_for_ever(&self) -> io::Result<UnixStream> {
        let socket = self.reader.get_ref();
        socket.set_read_timeout(None)?;
        socket.set_write_timeout(None)?;
        socket.try_clone()
    }

    pub(super) fn writer(&mut self) -> &mut UnixStream {
        self.reader.get_mut()
    }

    /// Reads the next message that is no sound into `message`.
    fn fetch(&mut self) -> Result<(), ProtocolError> {
        loop {
            let head = read_descriptor(&mut self.reader)?;
            if head.length > LONGEST {
                return Err(ProtocolError::Invalid(format!("a message of {} bytes", head.length)));
            }
            self.message.resize(head.length as usize, 0);
            self.reader.read_exact(&mut self.message)?;
            if head.channel == NO_SOUND {
                return Ok(());
            }
        }
    }
}

/// Where the server of this environment is looked for, by the rules of its own library: what `PULSE_SERVER` names, and nothing else if it names
/// anything; else its usual places.
///
/// # Errors
/// It names one on another machine only, which would be another's loudspeakers.
fn sockets(env: impl Fn(&str) -> Option<String>) -> Result<Vec<PathBuf>, String> {
    let named = env("PULSE_SERVER").unwrap_or_default();
    // Each may be for a machine of its own, whose number stands before it.
    let named: Vec<&str> = named
        .split_whitespace()
        .map(|server| {
            server
                .strip_prefix('{')
                .and_then(|rest| rest.split_once('}'))
                .map_or(server, |(_, server)| server)
        })
        .collect();
    if let Some(first) = named.first() {
        let local = named.iter().map(|server| server.strip_prefix("unix:").unwrap_or(server));
        let local: Vec<PathBuf> = local.filter(|path| path.starts_with('/')).map(PathBuf::from).collect();
        return if local.is_empty() {
            Err(format!(
                "PULSE_SERVER names a sound server on another machine ({}), and only one on this machine can be used",
                Clean::new(first)
            ))
        } else {
            Ok(local)
        };
    }
    let at = |name: &str, socket: &str| {
        env(name)
            .filter(|folder| !folder.is_empty())
            .map(|folder| PathBuf::from(folder).join(socket))
    };
    let usual = [at("PULSE_RUNTIME_PATH", "native"), at("XDG_RUNTIME_DIR", "pulse/native")];
    Ok(usual.into_iter().flatten().collect())
}

/// What went wrong, for people.
fn told(error: ProtocolError) -> String {
    match error {
        ProtocolError::Io(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
            "the sound server does not answer".into()
        }
        ProtocolError::Io(error) if error.kind() == ErrorKind::UnexpectedEof => "the sound server is gone".into(),
        ProtocolError::Io(error) => format!("the sound server is gone: {error}"),
        ProtocolError::ServerError(error) => format!("the sound server says: {}", Clean::new(&error.to_string())),
        other => format!("the sound server is not understood: {}", Clean::new(&other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use pulseaudio::protocol::{PulseError, Underflow, encode_reply_message, read_command_message};

    use super::*;

    /// A connection to a server that does this with its end of the socket.
    fn greeted_by(server: impl FnOnce(BufReader<UnixStream>) + Send + 'static) -> Result<Connection, String> {
        let (ours, theirs) = UnixStream::pair().unwrap();
        thread::spawn(move || server(BufReader::new(theirs)));
        Connection::greet(ours)
    }

    fn answer<R: CommandReply>(socket: &mut BufReader<UnixStream>, reply: &R) {
        let (number, _) = read_command_message(socket, MAX_VERSION).unwrap();
        let mut packet = Vec::new();
        let length = encode_reply_message(&mut packet, number, reply, MAX_VERSION).unwrap();
        socket.get_mut().write_all(&packet[..length]).unwrap();
    }

    fn say(socket: &mut BufReader<UnixStream>, number: u32, command: &Command) {
        let mut packet = Vec::new();
        let length = encode_command_message(&mut packet, number, command, MAX_VERSION).unwrap();
        socket.get_mut().write_all(&packet[..length]).unwrap();
    }

    fn let_in(socket: &mut BufReader<UnixStream>) {
        let welcome = AuthReply {
            version: MAX_VERSION,
            ..AuthReply::default()
        };
        answer(socket, &welcome);
        answer(socket, &SetClientNameReply { client_id: 7 });
    }

    #[test]
    fn the_server_that_the_environment_names_is_the_only_one_that_is_asked() {
        let of = |set: &[(&str, &str)]| {
            sockets(|name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
                .map(|paths| paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" "))
        };
        let usual = ("XDG_RUNTIME_DIR", "/run/user/7");
        for (set, expected) in [
            (&[][..], ""),
            (&[usual], "/run/user/7/pulse/native"),
            (&[("PULSE_SERVER", ""), usual], "/run/user/7/pulse/native"),
            (&[("PULSE_RUNTIME_PATH", "/tmp/p"), usual], "/tmp/p/native /run/user/7/pulse/native"),
            (&[("PULSE_SERVER", "unix:/mnt/wslg/PulseServer"), usual], "/mnt/wslg/PulseServer"),
            (&[("PULSE_SERVER", "/tmp/native"), usual], "/tmp/native"),
            (&[("PULSE_SERVER", "{0af}unix:/a tcp:studio:4713 /b"), usual], "/a /b"),
        ] {
            assert_eq!(of(set).as_deref(), Ok(expected), "{set:?}");
        }
        for elsewhere in ["tcp:studio:4713", "tcp6:[::1]:4713", "studio", "{0af}tcp:studio"] {
            let refused = of(&[("PULSE_SERVER", elsewhere), usual]).unwrap_err();
            assert!(refused.contains("another machine"), "{elsewhere}: {refused}");
        }
    }

    #[test]
    fn what_the_server_says_between_question_and_answer_does_not_disturb() {
        let mut connection = greeted_by(|mut socket| {
            let_in(&mut socket);
            // Sound, an event, an unknown command and an answer to another question.
            let sound = [3_u32, 5, 0, 0, 0].map(u32::to_be_bytes).concat();
            socket.get_mut().write_all(&[&sound[..], b"abc"].concat()).unwrap();
            say(&mut socket, u32::MAX, &Command::Started(3));
            let unknown = [10_u32, u32::MAX, 0, 0, 0].map(u32::to_be_bytes).concat();
            socket
                .get_mut()
                .write_all(&[&unknown[..], b"L\0\0\x03\xe7L\0\0\0\0"].concat())
                .unwrap();
            say(&mut socket, 1, &Command::Reply);
            let info = ServerInfo {
                default_sink_name: Some(c"speakers".into()),
                ..ServerInfo::default()
            };
            answer(&mut socket, &info);
            socket
                .get_mut()
                .write_all(&[&unknown[..], b"L\0\0\x03\xe7L\0\0\0\0"].concat())
                .unwrap();
            say(&mut socket, u32::MAX, &Command::Underflow(Underflow { channel: 3, offset: 0 }));
        })
        .unwrap();
        assert_eq!(connection.default_sink().unwrap().as_deref(), Some(c"speakers"));
        assert!(matches!(connection.next_event(), Ok(Command::Underflow(underflow)) if underflow.channel == 3));
        assert_eq!(connection.next_event().unwrap_err(), "the sound server is gone");
    }

    #[test]
    fn whatever_does_not_let_us_in_is_said_in_words() {
        let refused = greeted_by(|mut socket| {
            let (number, _) = read_command_message(&mut socket, MAX_VERSION).unwrap();
            say(&mut socket, number, &Command::Error(PulseError::AccessDenied));
        });
        assert_eq!(refused.err().unwrap(), "the sound server says: Access failure");
        let closed = greeted_by(drop);
        assert!(closed.err().unwrap().starts_with("the sound server is gone"));
        let endless = greeted_by(|mut socket| {
            let head = [u32::MAX, u32::MAX, 0, 0, 0].map(u32::to_be_bytes).concat();
            socket.get_mut().write_all(&head).unwrap();
            // Until the other side is gone.
            let _ = socket.read_to_end(&mut Vec::new());
        });
        assert!(endless.err().unwrap().contains("a message of 4294967295 bytes"));
        let silent = greeted_by(|mut socket| drop(socket.read_to_end(&mut Vec::new())));
        assert_eq!(silent.err().unwrap(), "the sound server does not answer");
    }
}
