//! Fitting a track to a length and a hit point: which part it will be, how it will sound, cutting it, and measuring what came.
//!
//! | you look for | it is in |
//! |---|---|
//! | cutting an MP3 without encoding it again | [`mp3`] |
//! | how a clip begins and ends | [`Fades`] |
//! | how long a video or a voice recording is | [`media_seconds`] |

mod fades;
mod features;
mod fit;
mod make;
mod measure;
mod media;
pub mod mp3;
mod predict;
mod rhythm;

pub use fades::Fades;
pub use features::{Extractor, Features};
pub use fit::Fit;
pub use make::{CutError, Made, Order, make};
pub use measure::{Located, locate, loudest_moment, peak};
pub use media::{MediaError, media_seconds};
pub use predict::{Segment, Told, choose, predict};
pub use rhythm::Grid;

/// Listens to a whole file that is in memory.
///
/// # Errors
/// Why it cannot be decoded, in a short sentence.
pub fn listen(bytes: &[u8]) -> Result<Features, String> {
    let mut extractor = None;
    crate::audio::decode_whole(bytes, |rate, samples| {
        extractor.get_or_insert_with(|| Extractor::new(rate)).add(samples);
    })?;
    Ok(extractor.map(Extractor::finish).unwrap_or_default())
}
