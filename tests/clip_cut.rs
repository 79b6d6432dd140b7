//! Cutting MP3 files without encoding them again: exact to the sample, and the same sound.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![cfg(feature = "sandbox")]

#[path = "common/mp3.rs"]
mod mp3;

use mp3::Decoded;
use mp3lame_encoder::{Bitrate, Builder, FlushNoGap, InterleavedPcm, Mode, MonoPcm, Quality, VbrMode, max_required_buffer_size};
use trackyard_tui::clip::Fades;
use trackyard_tui::clip::mp3::{Stream, Unreadable};

/// How a source is encoded.
#[derive(Debug, Clone, Copy)]
struct Encoding {
    rate: u32,
    channels: u8,
    kbps: u16,
    variable: bool,
    /// With LAME's own header frame.
    header: bool,
}

const ENCODINGS: [Encoding; 8] = [
    Encoding {
        rate: 44_100,
        channels: 2,
        kbps: 128,
        variable: false,
        header: true,
    },
    Encoding {
        rate: 44_100,
        channels: 2,
        kbps: 192,
        variable: true,
        header: true,
    },
    Encoding {
        rate: 44_100,
        channels: 2,
        kbps: 128,
        variable: false,
        header: false,
    },
    Encoding {
        rate: 48_000,
        channels: 2,
        kbps: 320,
        variable: false,
        header: false,
    },
    Encoding {
        rate: 44_100,
        channels: 2,
        kbps: 192,
        variable: true,
        header: false,
    },
    Encoding {
        rate: 44_100,
        channels: 1,
        kbps: 64,
        variable: false,
        header: false,
    },
    Encoding {
        rate: 22_050,
        channels: 2,
        kbps: 64,
        variable: false,
        header: false,
    },
    Encoding {
        rate: 8_000,
        channels: 1,
        kbps: 16,
        variable: false,
        header: false,
    },
];

/// Chords, knocks and silence, so that frames need bits of very different number.
fn encoded(encoding: Encoding, seconds: f64) -> Vec<u8> {
    let mut builder = Builder::new().unwrap();
    builder.set_num_channels(encoding.channels).unwrap();
    builder.set_sample_rate(encoding.rate).unwrap();
    let bit_rate = match encoding.kbps {
        16 => Bitrate::Kbps16,
        64 => Bitrate::Kbps64,
        128 => Bitrate::Kbps128,
        192 => Bitrate::Kbps192,
        320 => Bitrate::Kbps320,
        other => panic!("{other} kbit/s"),
    };
    builder.set_brate(bit_rate).unwrap();
    builder
        .set_mode(if encoding.channels == 1 { Mode::Mono } else { Mode::JointStereo })
        .unwrap();
    builder
        .set_vbr_mode(if encoding.variable { VbrMode::Mtrh } else { VbrMode::Off })
        .unwrap();
    builder.set_quality(Quality::Good).unwrap();
    builder.set_to_write_vbr_tag(encoding.header).unwrap();
    let mut encoder = builder.build().unwrap();
    let rate = f64::from(encoding.rate);
    let frames = (seconds * rate) as usize;
    let mut noise = 1_u32;
    let mono: Vec<f32> = (0..frames)
        .map(|at| {
            let t = at as f64 / rate;
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let knock = (-(t % 0.37) * 40.0).exp() * (f64::from(noise) / f64::from(u32::MAX) - 0.5);
            let chord: f64 = [220.0, 277.2, 329.6]
                .iter()
                .map(|hertz| (t * hertz * std::f64::consts::TAU).sin())
                .sum();
            let loud = if t % 2.0 < 1.5 { 0.12 } else { 0.0 };
            (chord * loud + knock * 0.7) as f32
        })
        .collect();
    let mut out = Vec::with_capacity(max_required_buffer_size(frames) + 7200);
    if encoding.channels == 1 {
        encoder.encode_to_vec(MonoPcm(&mono[..]), &mut out).unwrap();
    } else {
        let stereo: Vec<f32> = mono
            .iter()
            .enumerate()
            .flat_map(|(at, sample)| [*sample, mono[at.saturating_sub(20)] * 0.8])
            .collect();
        encoder.encode_to_vec(InterleavedPcm(&stereo[..]), &mut out).unwrap();
    }
    out.reserve(7200);
    encoder.flush_to_vec::<FlushNoGap>(&mut out).unwrap();
    if encoding.header {
        let mut header = Vec::with_capacity(4096);
        let length = encoder.lame_tag_encode_to_vec(&mut header).unwrap().get();
        out[..length].copy_from_slice(&header[..length]);
    }
    out
}

/// The samples of one channel, by a decoder that is not ours and leaves out what the header frame says is not music.
fn decoded(mp3: &[u8]) -> Vec<f32> {
    let sound = Decoded::of_unseekable(mp3.to_vec());
    assert!(sound.whole);
    sound.left()
}

fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn a_cut_is_exact_to_the_sample_and_sounds_the_same() {
    for encoding in ENCODINGS {
        let source = encoded(encoding, 8.0);
        let stream = Stream::parse(&source).unwrap();
        let whole = decoded(&source);
        assert_eq!(stream.samples(), whole.len() as u64, "{encoding:?}");
        let rate = u64::from(encoding.rate);
        for (from, samples) in [
            (0, rate),
            (1, 3 * rate + 17),
            (rate, rate),
            (2 * rate + 333, 2 * rate + 1),
            (5 * rate, 60 * rate),
            (7 * rate + 5, 700),
        ] {
            let cut = stream.cut(from, samples, Fades::NONE).unwrap();
            let sound = decoded(&cut);
            let expected = samples.min(stream.samples() - from);
            assert_eq!(sound.len() as u64, expected, "{encoding:?} {from} {samples}");
            let difference = largest_difference(&whole[from as usize..], &sound);
            assert!(difference < 1e-4, "{encoding:?} {from} {samples}: {difference}");
            assert_eq!(Stream::parse(&cut).unwrap().samples(), expected, "and its header frame says so");
        }
    }
}

#[test]
fn a_cut_of_a_cut_is_exact_too() {
    for encoding in ENCODINGS {
        let source = encoded(encoding, 6.0);
        let whole = decoded(&source);
        let rate = u64::from(encoding.rate);
        let first = Stream::parse(&source).unwrap().cut(rate / 3, 4 * rate, Fades::NONE).unwrap();
        let second = Stream::parse(&first).unwrap().cut(rate, 2 * rate + 5, Fades::NONE).unwrap();
        let sound = decoded(&second);
        assert_eq!(sound.len() as u64, 2 * rate + 5);
        let difference = largest_difference(&whole[(rate / 3 + rate) as usize..], &sound);
        assert!(difference < 1e-4, "{encoding:?}: {difference}");
    }
}

#[test]
fn fades_lower_the_ends_and_leave_the_rest_as_it_was() {
    for encoding in ENCODINGS {
        let source = encoded(encoding, 8.0);
        let stream = Stream::parse(&source).unwrap();
        let rate = u64::from(encoding.rate);
        let hard = decoded(&stream.cut(rate, 5 * rate, Fades::NONE).unwrap());
        let soft = decoded(&stream.cut(rate, 5 * rate, Fades::out_over(1.5)).unwrap());
        assert_eq!(hard.len(), soft.len());
        let middle = rate as usize / 2..(3 * rate) as usize;
        assert!(largest_difference(&hard[middle.clone()], &soft[middle]) < 1e-6, "{encoding:?}");
        let power = |sound: &[f32], from: f64, to: f64| {
            let part = &sound[(from * rate as f64) as usize..(to * rate as f64) as usize];
            part.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>()
        };
        // Half way through the fade there is half the amplitude left, a quarter of the power.
        let half = power(&soft, 4.05, 4.45) / power(&hard, 4.05, 4.45);
        assert!((0.12..0.45).contains(&half), "{encoding:?}: {half}");
        let end = power(&soft, 4.95, 5.0) / power(&hard, 4.95, 5.0).max(1e-9);
        assert!(end < 0.01, "{encoding:?}: {end}");
    }
}

#[test]
fn tags_of_any_size_and_junk_are_passed_over() {
    let source = encoded(ENCODINGS[0], 4.0);
    let whole = Stream::parse(&source).unwrap().samples();
    for size in [0, 1000, 3 << 20] {
        let mut tagged = b"ID3\x04\0\0".to_vec();
        tagged.extend([21, 14, 7, 0].map(|shift| ((size >> shift) & 0x7F) as u8));
        // What looks like a frame in a tag is none.
        tagged.extend(std::iter::repeat_n([0xFF, 0xFB, 0x90, 0x64], size / 4).flatten());
        tagged.extend(vec![0; size % 4]);
        tagged.extend(&source);
        tagged.extend(b"TAG");
        tagged.extend([b' '; 125]);
        assert_eq!(Stream::parse(&tagged).unwrap().samples(), whole, "{size}");
    }
    let mut torn = source.clone();
    torn.truncate(source.len() - 100);
    assert_eq!(Stream::parse(&torn).unwrap().samples(), whole - 1152);
    let at = 417 * 20;
    torn.splice(at..at, [0x55; 999]);
    assert!(Stream::parse(&torn).unwrap().samples() >= whole - 3 * 1152);
}

#[test]
fn what_is_no_mp3_is_named() {
    for (bytes, says) in [
        (&b""[..], "an empty file"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "WAV"),
        (b"fLaC\0\0\0\x22", "FLAC"),
        (b"\0\0\0\x20ftypisom", "MP4"),
        (b"<html></html>", "web page"),
        (b"{\"error\":1}", "JSON"),
        (b"\x89PNG\r\n\x1a\n", "unknown"),
        (b"ID3\x04\0\0\0\0\0\0", "tag without any sound"),
    ] {
        let error = Stream::parse(bytes).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }
    let free = [0xFF, 0xFB, 0x00, 0x64].repeat(500);
    assert_eq!(Stream::parse(&free).unwrap_err(), Unreadable::FreeRate);
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(mut bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..3000), from in 0u64..8_000, samples in 0u64..12_000) {
        for at in (0..bytes.len()).step_by(417) {
            let head = [0xFF, 0xFB, 0x90, 0x64];
            let end = (at + 4).min(bytes.len());
            bytes[at..end].copy_from_slice(&head[..end - at]);
        }
        if let Ok(stream) = Stream::parse(&bytes) {
            let _ = stream.cut(from, samples, Fades::out_over(1.0));
        }
    }
}
