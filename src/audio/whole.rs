//! Decoding a file that is here from its first byte to its last, for who wants all of its samples at once.

use std::sync::Arc;

use super::buffer::{End, Growing, Interrupt};
use super::decode::{Decoder, Halt};

/// Decodes music of any kind that previews come in, and hands out its sample rate and interleaved stereo samples piece by piece.
///
/// # Errors
/// Why it cannot be decoded, in a short sentence.
pub fn decode_whole(bytes: &[u8], mut take: impl FnMut(u32, &[f32])) -> Result<(), String> {
    let here = Growing::default();
    here.push(bytes);
    here.finish(End::Complete);
    let mut decoder = Decoder::open(&Arc::new(here), &Arc::new(Interrupt::default())).map_err(why)?;
    let rate = decoder.rate();
    let mut samples = Vec::new();
    while decoder.next(&mut samples).map_err(why)?.is_some() {
        take(rate, &samples);
    }
    Ok(())
}

fn why(halt: Halt) -> String {
    match halt {
        Halt::Interrupted => "it was interrupted".to_owned(),
        Halt::Unplayable(why) => why.replace("preview", "file"),
    }
}
