//! A device of the machine.

use std::sync::mpsc::Sender;

use rodio::cpal::traits::{DeviceTrait, HostTrait};
use rodio::cpal::{self, BufferSize, ErrorKind};
use rodio::{DeviceSinkBuilder, MixerDeviceSink};

use crate::audio::player::Message;
use crate::text::Clean;

/// Sounds after about 40 ms, and leaves the processor alone (measured: 256 frames cost twice as much, 2048 sound 20 ms later).
pub(super) const FIRST_BUFFER: u32 = 1_024;
pub(super) const LARGEST_BUFFER: u32 = 8_192;
/// What most music comes in. A sound server resamples better than the mixer, and often not at all.
const MUSIC_RATE: u32 = 44_100;

/// Opens a device for output. The text says why not, cleaned.
pub(super) fn open(name: Option<&str>, frames: u32, opening: u64, messages: &Sender<Message>) -> Result<MixerDeviceSink, String> {
    let device = find(name)?;
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
    let builder = DeviceSinkBuilder::from_device(device.clone()).map_err(|error| sentence(&error))?;
    let mut builder = builder.with_buffer_size(BufferSize::Fixed(frames)).with_error_callback(on_error);
    if resamples_well(&device) {
        builder = builder.with_sample_rate(const { std::num::NonZero::new(MUSIC_RATE).unwrap() });
    }
    let mut sink = builder.open_sink_or_fallback().map_err(|error| sentence(&error))?;
    // Written to the screen otherwise.
    sink.log_on_drop(false);
    tracing::debug!(config = ?sink.config(), "audio device opened");
    Ok(sink)
}

/// The default of the first sound system that is there, or the first device of any that has `name` in its own.
fn find(name: Option<&str>) -> Result<cpal::Device, String> {
    let Some(name) = name else {
        return cpal::default_host()
            .default_output_device()
            .ok_or_else(|| "there is no audio device".to_owned());
    };
    let wanted = name.to_lowercase();
    for host in cpal::available_hosts() {
        let devices = cpal::host_from_id(host).and_then(|host| host.output_devices());
        let found = devices.ok().and_then(|mut devices| {
            devices.find(|device| {
                device
                    .description()
                    .is_ok_and(|about| about.name().to_lowercase().contains(&wanted))
            })
        });
        if let Some(device) = found {
            return Ok(device);
        }
    }
    Err(format!("there is no audio device named “{}”", Clean::new(name)))
}

fn resamples_well(device: &cpal::Device) -> bool {
    device.id().is_ok_and(|id| id.host().name().eq_ignore_ascii_case("pulseaudio"))
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
