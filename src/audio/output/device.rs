//! A device of this machine, by way of rodio.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rodio::cpal::traits::{DeviceTrait, HostTrait};
use rodio::cpal::{BufferSize, ErrorKind};
use rodio::{DeviceSinkBuilder, MixerDeviceSink};

use super::Voice;
use crate::text::Clean;

/// Frames the device takes at a time: about 21 ms at 48 kHz, a compromise between delay and processor time.
const BUFFER_FRAMES: u32 = 1024;

/// An open device. Letting go of it closes it.
pub(in crate::audio) struct Device {
    sink: MixerDeviceSink,
    lost: Arc<AtomicBool>,
}

impl Device {
    /// Opens the named device, or the system's own choice. `Err` says why it cannot be had.
    pub(super) fn open(name: Option<&str>) -> Result<Self, String> {
        let host = rodio::cpal::default_host();
        let device = match name {
            None => host.default_output_device().ok_or_else(|| "there is no audio device".to_owned())?,
            Some(name) => host
                .output_devices()
                .map_err(|error| cleaned(&error))?
                .find(|device| device.description().is_ok_and(|description| description.name() == name))
                .ok_or_else(|| format!("there is no audio device named {name}"))?,
        };
        let lost = Arc::new(AtomicBool::new(false));
        let flag = lost.clone();
        let builder = DeviceSinkBuilder::from_device(device).map_err(|error| cleaned(&error))?;
        let mut sink = builder
            .with_buffer_size(BufferSize::Fixed(BUFFER_FRAMES))
            .with_error_callback(move |error| {
                tracing::warn!("audio device: {error}");
                if !matches!(error.kind(), ErrorKind::Xrun) {
                    flag.store(true, Ordering::Release);
                }
            })
            .open_stream()
            .map_err(|error| cleaned(&error))?;
        sink.log_on_drop(false);
        Ok(Self { sink, lost })
    }

    pub(super) fn play(&self, voice: Voice) {
        self.sink.mixer().add(voice);
    }

    pub(super) fn lost(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }
}

fn cleaned(error: &dyn std::fmt::Display) -> String {
    Clean::new(&error.to_string()).to_string()
}
