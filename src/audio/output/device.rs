//! A device of the machine.

use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use rodio::cpal::traits::{DeviceTrait, HostTrait};
use rodio::cpal::{self, BufferSize, ErrorKind, Host};
use rodio::mixer::Mixer;
use rodio::{ChannelCount, DeviceSinkBuilder, MixerDeviceSink, SampleRate, Source};

use super::buffers::Buffers;
use crate::audio::player::Message;
use crate::audio::source::Voice;
use crate::text::Clean;

/// What most music comes in. A sound server resamples better than the mixer, and often not at all.
const MUSIC_RATE: u32 = 44_100;
/// A sound server asks for more when half of what it was given is played: it holds two buffers.
const BUFFERS_HELD: u32 = 2;
/// How much a device is taken to hold that chose its buffer itself.
const USUALLY_HELD: Duration = Duration::from_millis(100);
/// Late by less than this is not told from a busy moment.
const TOLERANCE: Duration = Duration::from_millis(4);
/// A sound system that has not opened a device by then is taken for one that does not answer.
const ANSWER: Duration = Duration::from_secs(3);
/// So many devices are named to who asked for one that is not there.
const MOST_NAMED: usize = 5;

/// The sound system, once it was asked for. Keeping the connection spares its making every time something plays.
#[derive(Default)]
pub(super) struct System(Option<Host>);

/// An open device.
pub(super) struct Device {
    sink: MixerDeviceSink,
    /// What its buffer's size is remembered by.
    pub(super) id: String,
    /// How much sound it holds.
    pub(super) held: Duration,
}

impl Device {
    /// Plays a voice until it ends.
    pub(super) fn add(&self, voice: Voice) {
        self.sink.mixer().add(voice);
    }
}

impl System {
    /// Opens a device for output, with the buffer that has proved itself on it. The text says why not, cleaned.
    pub(super) fn open(
        &mut self,
        name: Option<&str>,
        buffers: &Buffers,
        opening: u64,
        messages: &Sender<Message>,
    ) -> Result<Device, String> {
        // On a thread of its own: where the server kills a stream while it is opened, its library waits for ever.
        let (kept, name) = (self.0.take(), name.map(str::to_owned));
        let (buffers, messages) = (buffers.clone(), messages.clone());
        let (tell, told) = mpsc::channel();
        let open = move || drop(tell.send(open_anew(kept, name.as_deref(), &buffers, opening, &messages)));
        let thread = thread::Builder::new().name("opening-device".into()).spawn(open);
        thread.map_err(|error| format!("no thread to open the audio device: {error}"))?;
        let (device, host) = told
            .recv_timeout(ANSWER)
            .map_err(|_| "the sound system does not answer".to_owned())??;
        self.0 = Some(host);
        Ok(device)
    }
}

/// Opens a device on the connection that was kept, or else on a new one, which it gives too.
fn open_anew(
    kept: Option<Host>,
    name: Option<&str>,
    buffers: &Buffers,
    opening: u64,
    messages: &Sender<Message>,
) -> Result<(Device, Host), String> {
    if let Some(host) = kept
        && let Ok(device) = open_on(&host, name, buffers, opening, messages)
    {
        return Ok((device, host));
    }
    // The sound server may have been started anew since.
    let host = cpal::default_host();
    let device = open_on(&host, name, buffers, opening, messages)?;
    Ok((device, host))
}

fn open_on(host: &Host, name: Option<&str>, buffers: &Buffers, opening: u64, messages: &Sender<Message>) -> Result<Device, String> {
    let device = match name {
        None => host.default_output_device().ok_or_else(|| "there is no audio device".to_owned())?,
        Some(name) => find(host, name)?,
    };
    let id = device.id().map(|id| id.to_string()).unwrap_or_default();
    let frames = buffers.frames(&id);
    let reports = messages.clone();
    let on_error = move |error: cpal::Error| {
        let report = match error.kind() {
            ErrorKind::Xrun => Message::RanDry { opening },
            ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied => {
                tracing::debug!(%error, "the audio device says");
                return;
            }
            _ => Message::DeviceLost {
                opening,
                why: sentence(&error),
            },
        };
        let _ = reports.send(report);
    };
    let on_server = is_sound_server(&device);
    let builder = DeviceSinkBuilder::from_device(device).map_err(|error| sentence(&error))?;
    let mut builder = builder.with_buffer_size(BufferSize::Fixed(frames)).with_error_callback(on_error);
    if on_server {
        builder = builder.with_sample_rate(const { std::num::NonZero::new(MUSIC_RATE).unwrap() });
    }
    let mut sink = builder.open_sink_or_fallback().map_err(|error| sentence(&error))?;
    // Written to the screen otherwise.
    sink.log_on_drop(false);
    // A sound server does not say when it runs dry; a sound card does.
    if on_server && *sink.config().buffer_size() == BufferSize::Fixed(frames) {
        watch(sink.mixer(), sink.config().channel_count(), sink.config().sample_rate(), frames, {
            let reports = messages.clone();
            move || drop(reports.send(Message::RanDry { opening }))
        });
    }
    let held = match *sink.config().buffer_size() {
        BufferSize::Fixed(frames) => time_held(frames, sink.config().sample_rate()),
        BufferSize::Default => USUALLY_HELD,
    };
    tracing::debug!(config = ?sink.config(), id, "audio device opened");
    Ok(Device { sink, id, held })
}

/// How much sound a device with such a buffer holds.
fn time_held(frames: u32, rate: SampleRate) -> Duration {
    Duration::from_secs(1) * frames * BUFFERS_HELD / rate.get()
}

/// The first device of any sound system that has `name` as its own name or a part of it, the given system before the others.
fn find(host: &Host, name: &str) -> Result<cpal::Device, String> {
    let others = cpal::available_hosts().into_iter().filter(|id| *id != host.id());
    let mut known = Vec::new();
    for devices in std::iter::once(host.output_devices().ok()).chain(others.map(|id| cpal::host_from_id(id).ok()?.output_devices().ok())) {
        let devices: Vec<(String, cpal::Device)> = devices.into_iter().flatten().map(|device| (names(&device), device)).collect();
        if let Some(at) = best(devices.iter().map(|(names, _)| names.as_str()), name) {
            return devices.into_iter().nth(at).map(|(_, device)| device).ok_or_else(String::new);
        }
        known.extend(
            devices
                .into_iter()
                .map(|(names, _)| names.lines().next().unwrap_or_default().to_owned()),
        );
    }
    let mut text = format!("there is no audio device named “{}”", Clean::new(name));
    known.truncate(MOST_NAMED);
    if !known.is_empty() {
        text = format!("{text}; there are: {}", Clean::new(&known.join(", ")));
    }
    Err(text)
}

/// What a device is called, a name a line: for people, and by the system.
fn names(device: &cpal::Device) -> String {
    let for_people = device.description().map(|about| about.name().to_owned()).unwrap_or_default();
    let by_system = device.id().map(|id| id.id().to_owned()).unwrap_or_default();
    format!("{for_people}\n{by_system}")
}

/// Which of several is meant: the one that is called so, else the first that has it in its name.
fn best<'a>(all: impl Iterator<Item = &'a str> + Clone, name: &str) -> Option<usize> {
    let wanted = name.to_lowercase();
    let exact = |names: &str| names.lines().any(|name| name.to_lowercase() == wanted);
    let part = |names: &str| names.lines().any(|name| name.to_lowercase().contains(&wanted));
    all.clone().position(exact).or_else(|| all.clone().position(part))
}

fn is_sound_server(device: &cpal::Device) -> bool {
    device.id().is_ok_and(|id| id.host().name().eq_ignore_ascii_case("pulseaudio"))
}

/// Calls `dry` whenever the device asks for more only after it must have played all it had.
fn watch(mixer: &Mixer, channels: ChannelCount, rate: SampleRate, frames: u32, dry: impl Fn() + Send + 'static) {
    mixer.add(Watch {
        channels,
        rate,
        samples: u64::from(frames) * u64::from(channels.get()),
        left: 0,
        last: None,
        longest: time_held(frames, rate) + TOLERANCE,
        dry,
    });
}

/// Silence that looks at the clock once a buffer.
struct Watch<F> {
    channels: ChannelCount,
    rate: SampleRate,
    samples: u64,
    left: u64,
    last: Option<Instant>,
    longest: Duration,
    dry: F,
}

impl<F: Fn()> Watch<F> {
    fn look(&mut self, now: Instant) {
        self.left = self.samples;
        if self.last.replace(now).is_some_and(|last| now.duration_since(last) > self.longest) {
            (self.dry)();
        }
    }
}

impl<F: Fn()> Iterator for Watch<F> {
    type Item = f32;

    fn next(&mut self) -> Option<f32> {
        if self.left == 0 {
            self.look(Instant::now());
        }
        self.left -= 1;
        Some(0.0)
    }
}

impl<F: Fn()> Source for Watch<F> {
    fn current_span_len(&self) -> Option<usize> {
        None
    }

    fn channels(&self) -> ChannelCount {
        self.channels
    }

    fn sample_rate(&self) -> SampleRate {
        self.rate
    }

    fn total_duration(&self) -> Option<Duration> {
        None
    }
}

/// An error and its causes on one line.
fn sentence(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    Clean::new(&text).as_str().to_owned()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_name_means_the_device_that_is_called_so_or_has_it_in_its_name() {
        let devices = [
            "Monitor of Speakers\nspeakers.monitor",
            "Speakers\nalsa.speakers",
            "HDMI 1\nalsa.hdmi",
        ];
        let found = |name| best(devices.into_iter(), name);
        assert_eq!(found("speakers"), Some(1), "not the monitor, which also has it in its name");
        assert_eq!(found("alsa.hdmi"), Some(2));
        assert_eq!(found("hdmi"), Some(2));
        assert_eq!(found("monitor"), Some(0));
        assert_eq!(found("headset"), None);
    }

    #[test]
    fn a_device_that_asks_too_late_ran_dry() {
        let times = Cell::new(0);
        let mut watch = Watch {
            channels: std::num::NonZero::new(2).unwrap(),
            rate: std::num::NonZero::new(44_100).unwrap(),
            samples: 4,
            left: 0,
            last: None,
            longest: Duration::from_millis(46),
            dry: || times.set(times.get() + 1),
        };
        let mut now = Instant::now();
        watch.look(now);
        for (wait, dry) in [(23, 0), (46, 0), (47, 1), (23, 1), (400, 2)] {
            now += Duration::from_millis(wait);
            watch.look(now);
            assert_eq!(times.get(), dry, "{wait} ms");
        }
        watch.look(Instant::now());
        assert!(watch.by_ref().take(1_000).all(|sample| sample == 0.0));
    }
}
