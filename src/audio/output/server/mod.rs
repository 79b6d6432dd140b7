//! The sound server of Linux: PulseAudio, or PipeWire in its place. A stream of our own over its protocol, because the ready client asks for
//! the stream's timing after every buffer and clears a megabyte for every answer, half of all that playing costs, and can wait for ever
//! where a stream is killed. Here one thread reads and writes, and ends with its socket.

mod connection;

use std::ffi::CString;
use std::io::{self, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::Sender;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use pulseaudio::protocol::stream::{BufferAttr, StreamFlags};
use pulseaudio::protocol::{
    ChannelMap, Command, CreatePlaybackStreamReply, DESCRIPTOR_SIZE, Descriptor, DescriptorFlags, PlaybackStreamParams, Prop, Props,
    SampleFormat, SampleSpec, encode_descriptor,
};
use rodio::mixer::{Mixer, MixerSource, mixer};

use crate::audio::player::Message;
use crate::audio::source::CHANNELS;
use connection::Connection;

/// What most music comes in, in frames a second. A sound server resamples better than the mixer, and often not at all.
const MUSIC_RATE: u32 = 44_100;
/// The server asks for more when half of what it was given is played.
const BUFFERS_HELD: u32 = 2;
const FRAME_BYTES: u32 = CHANNELS as u32 * size_of::<f32>() as u32;
/// At most this much is mixed and written at once; the rest of a larger wish follows.
const MOST_AT_ONCE: u32 = 64 * 1024;

/// A sound server that answers.
pub(super) struct Server(Connection);

/// A device of the server.
pub(super) struct Sink {
    /// What the server calls it.
    pub(super) name: CString,
    /// What it is called for people.
    pub(super) description: String,
}

/// A stream that plays. Dropping it ends it at once.
pub(super) struct Stream {
    mixer: Mixer,
    held: Duration,
    socket: UnixStream,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Connects; `None` where no server runs.
    ///
    /// # Errors
    /// A server that does not let us in, in words.
    pub(super) fn connect() -> Result<Option<Self>, String> {
        Ok(Connection::open()?.map(Self))
    }

    /// Every device, and the one that is the default.
    pub(super) fn sinks(&mut self) -> Result<Vec<Sink>, String> {
        let sinks = self.0.sinks()?;
        let for_people = |description: Option<CString>| description.map(|text| text.to_string_lossy().into_owned());
        let sinks = sinks.into_iter().map(|sink| Sink {
            description: for_people(sink.description).unwrap_or_default(),
            name: sink.name,
        });
        Ok(sinks.collect())
    }

    /// The name of the device that is taken when none is named.
    pub(super) fn default_sink(&mut self) -> Result<CString, String> {
        self.0.default_sink()?.ok_or_else(|| "there is no audio device".to_owned())
    }

    /// Opens a stream on a device, `None` being the default, also when that changes, with buffers of so many frames.
    pub(super) fn play(mut self, sink: Option<CString>, frames: u32, opening: u64, messages: Sender<Message>) -> Result<Stream, String> {
        let reply: CreatePlaybackStreamReply = self.0.ask(&Command::CreatePlaybackStream(stream_of(sink, frames)))?;
        let channels = const { std::num::NonZero::new(CHANNELS as u16).unwrap() };
        let (mixer, source) = mixer(channels, const { std::num::NonZero::new(MUSIC_RATE).unwrap() });
        let held = Duration::from_secs(1) * (reply.buffer_attr.target_length / FRAME_BYTES) / MUSIC_RATE;
        tracing::debug!(attr = ?reply.buffer_attr, sink = ?reply.sink_name, "stream opened");
        let socket = self.0.wait_for_ever().map_err(|error| error.to_string())?;
        let feed = Feed {
            connection: self.0,
            source,
            channel: reply.channel,
            wanted: reply.requested_bytes,
            packet: Vec::new(),
            opening,
            messages,
        };
        let thread = thread::Builder::new().name("sound-server".into()).spawn(|| feed.run());
        Ok(Stream {
            mixer,
            held,
            socket,
            thread: Some(thread.map_err(|error| format!("no thread for the audio device: {error}"))?),
        })
    }
}

impl Stream {
    /// Where voices are added.
    pub(super) fn mixer(&self) -> &Mixer {
        &self.mixer
    }

    /// How much sound the server holds.
    pub(super) fn held(&self) -> Duration {
        self.held
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // Whatever the thread waits for ends with the socket, and the server lets the stream go.
        let _ = self.socket.shutdown(Shutdown::Both);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn stream_of(sink: Option<CString>, frames: u32) -> PlaybackStreamParams {
    let buffer = frames * FRAME_BYTES;
    let mut props = Props::new();
    // No role: the server would remember our loudness by it, together with that of every other player of music.
    props.set(Prop::MediaName, c"preview");
    PlaybackStreamParams {
        sample_spec: SampleSpec {
            format: if cfg!(target_endian = "big") {
                SampleFormat::Float32Be
            } else {
                SampleFormat::Float32Le
            },
            channels: CHANNELS as u8,
            sample_rate: MUSIC_RATE,
        },
        channel_map: ChannelMap::stereo(),
        sink_name: sink,
        buffer_attr: BufferAttr {
            max_length: buffer * BUFFERS_HELD,
            target_length: buffer * BUFFERS_HELD,
            minimum_request_length: buffer,
            ..BufferAttr::default()
        },
        props,
        flags: StreamFlags {
            adjust_latency: true,
            ..StreamFlags::default()
        },
        ..PlaybackStreamParams::default()
    }
}

/// What gives the server the sound it asks for.
struct Feed {
    connection: Connection,
    source: MixerSource,
    channel: u32,
    /// Bytes that the server asked for and did not get.
    wanted: u32,
    packet: Vec<u8>,
    opening: u64,
    messages: Sender<Message>,
}

impl Feed {
    fn run(mut self) {
        let why = loop {
            match self.step() {
                Ok(None) => {}
                Ok(Some(why)) => break why,
                Err(error) => break error,
            }
        };
        // When it was let go this is stale, and taken so.
        let opening = self.opening;
        let _ = self.messages.send(Message::DeviceLost { opening, why });
    }

    /// Gives what is asked for, then waits for what the server says next. A text when that is that the stream is gone.
    fn step(&mut self) -> Result<Option<String>, String> {
        while self.wanted >= FRAME_BYTES {
            self.give().map_err(|error| format!("the sound server is gone: {error}"))?;
        }
        match self.connection.next_event()? {
            Command::Request(request) if request.channel == self.channel => self.wanted = self.wanted.saturating_add(request.length),
            Command::Underflow(underflow) if underflow.channel == self.channel => {
                let opening = self.opening;
                let _ = self.messages.send(Message::RanDry { opening });
            }
            Command::PlaybackStreamKilled(channel) if channel == self.channel => {
                return Ok(Some("the audio device is gone".into()));
            }
            event => tracing::trace!(?event, "the sound server says"),
        }
        Ok(None)
    }

    fn give(&mut self) -> io::Result<()> {
        let length = self.wanted.min(MOST_AT_ONCE) / FRAME_BYTES * FRAME_BYTES;
        self.wanted -= length;
        let mut head = [0; DESCRIPTOR_SIZE];
        encode_descriptor(
            &mut head,
            &Descriptor {
                length,
                channel: self.channel,
                offset: 0,
                flags: DescriptorFlags::empty(),
            },
        );
        self.packet.clear();
        self.packet.extend(head);
        for _ in 0..length / size_of::<f32>() as u32 {
            // The mixer has nothing to give where nothing plays.
            let sample = self.source.next().unwrap_or_default();
            self.packet.extend(sample.to_ne_bytes());
        }
        self.connection.writer().write_all(&self.packet)
    }
}
