//! A sound card, or what else the system plays through where no sound server runs.

use std::sync::mpsc::Sender;
use std::time::Duration;

use rodio::cpal::traits::{DeviceTrait, HostTrait};
use rodio::cpal::{self, BufferSize, ErrorKind};
use rodio::{ChannelCount, DeviceSinkBuilder, MixerDeviceSink, SampleRate, Source};

use crate::audio::player::Message;
use crate::audio::source::Voice;
use crate::text::Clean;

/// A card plays one of its buffers while the other is filled.
const BUFFERS_HELD: u32 = 2;
/// How much a card is taken to hold that chose its buffer itself.
const USUALLY_HELD: Duration = Duration::from_millis(100);

/// A card that is there.
pub(super) struct Found(cpal::Device);

/// An open card.
pub(super) struct Card(MixerDeviceSink);

/// The card that the system takes when none is named.
pub(super) fn default() -> Result<Found, String> {
    let device = cpal::default_host().default_output_device();
    device.map(Found).ok_or_else(|| "there is no audio device".to_owned())
}

/// Every card of every system.
pub(super) fn all() -> Vec<Found> {
    let hosts = cpal::available_hosts().into_iter().filter_map(|id| cpal::host_from_id(id).ok());
    hosts.filter_map(|host| host.output_devices().ok()).flatten().map(Found).collect()
}

impl Found {
    /// What its buffer's size is remembered by.
    pub(super) fn id(&self) -> String {
        self.0.id().map(|id| id.to_string()).unwrap_or_default()
    }

    /// What it is called, a name a line: for people, and by the system.
    pub(super) fn names(&self) -> String {
        let for_people = self.0.description().map(|about| about.name().to_owned()).unwrap_or_default();
        let by_system = self.0.id().map(|id| id.id().to_owned()).unwrap_or_default();
        format!("{for_people}\n{by_system}")
    }

    /// Opens it with a buffer of so many frames, or with one that it takes.
    pub(super) fn open(self, frames: u32, opening: u64, messages: Sender<Message>) -> Result<Card, String> {
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
            let _ = messages.send(report);
        };
        let builder = DeviceSinkBuilder::from_device(self.0).map_err(|error| sentence(&error))?;
        let builder = builder.with_buffer_size(BufferSize::Fixed(frames)).with_error_callback(on_error);
        let mut sink = builder.open_sink_or_fallback().map_err(|error| sentence(&error))?;
        // Written to the screen otherwise.
        sink.log_on_drop(false);
        tracing::debug!(config = ?sink.config(), "audio card opened");
        Ok(Card(sink))
    }
}

impl Card {
    /// Plays a voice until it ends.
    pub(super) fn add(&self, voice: Voice) {
        if self.0.config().channel_count().get() == 1 {
            self.0.mixer().add(Mono(voice));
        } else {
            self.0.mixer().add(voice);
        }
    }

    /// How much sound it holds.
    pub(super) fn held(&self) -> Duration {
        let config = self.0.config();
        match *config.buffer_size() {
            BufferSize::Fixed(frames) => Duration::from_secs(1) * frames * BUFFERS_HELD / config.sample_rate().get(),
            BufferSize::Default => USUALLY_HELD,
        }
    }
}

/// Both channels of a voice in one, for a card that has one: the mixer would leave the right one out.
struct Mono(Voice);

impl Iterator for Mono {
    type Item = f32;

    fn next(&mut self) -> Option<f32> {
        let left = self.0.next()?;
        let right = self.0.next()?;
        Some(f32::midpoint(left, right))
    }
}

impl Source for Mono {
    fn current_span_len(&self) -> Option<usize> {
        None
    }

    fn channels(&self) -> ChannelCount {
        ChannelCount::MIN
    }

    fn sample_rate(&self) -> SampleRate {
        self.0.sample_rate()
    }

    fn total_duration(&self) -> Option<Duration> {
        None
    }
}

/// An error on one line: what it means to who listens, else all its causes.
fn sentence(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = Some(error);
    while let Some(cause) = source {
        if let Some(plain) = cause.downcast_ref().and_then(plainly) {
            return plain.to_owned();
        }
        source = cause.source();
        if let Some(cause) = source {
            text = format!("{text}: {cause}");
        }
    }
    Clean::new(&text).as_str().to_owned()
}

/// The errors that a user can do something about.
fn plainly(error: &cpal::Error) -> Option<&'static str> {
    match error.kind() {
        ErrorKind::DeviceNotAvailable | ErrorKind::HostUnavailable => Some("there is no audio device"),
        ErrorKind::DeviceBusy => Some("another program has the audio device to itself"),
        ErrorKind::PermissionDenied => Some("this user may not use the audio device"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::audio::leveller::Trim;
    use crate::audio::source::Volume;

    #[test]
    fn a_card_with_one_channel_plays_both() {
        let (mut ring, taken) = rtrb::RingBuffer::new(4_000);
        for _ in 0..2_000 {
            ring.push(0.0).unwrap();
            ring.push(0.5).unwrap();
        }
        let sound = (Volume::new(1.0), Trim::new(0.0));
        let mono = Mono(Voice::new(taken, Arc::default(), sound, 44_100));
        assert_eq!(mono.channels().get(), 1);
        let loudest = mono.take(2_000).fold(0.0, f32::max);
        assert!((loudest - 0.25).abs() < 1e-6, "{loudest}");
    }

    #[test]
    fn what_is_wrong_with_a_card_is_said_in_few_words() {
        let of = |kind| rodio::DeviceSinkError::DefaultSinkConfigError(cpal::Error::new(kind));
        assert_eq!(sentence(&of(ErrorKind::DeviceNotAvailable)), "there is no audio device");
        assert_eq!(
            sentence(&of(ErrorKind::DeviceBusy)),
            "another program has the audio device to itself"
        );
        let rest = sentence(&of(ErrorKind::UnsupportedConfig));
        assert!(rest.starts_with("Failed to get the config for the given device: "), "{rest}");
    }
}
