//! What previews were found to be when they were listened to, so that nobody has to listen again.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Library, LibraryError};
use crate::api::TrackId;
use crate::audio::{Analysis, Waveform};

/// How previews are listened to. What an earlier way found is not used: the preview is listened to anew.
pub(super) const VERSION: i64 = 1;
/// A level of 1.0 as it is stored.
const FULL: f32 = 65_535.0;

impl Library {
    /// Keeps what a track's preview was found to be, in place of what was kept before.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub async fn keep_analysis(&self, id: TrackId, analysis: Arc<Analysis>) -> Result<(), LibraryError> {
        self.with(move |connection, origin| {
            let millis = |time: Duration| time.as_millis() as i64;
            connection
                .execute(
                    "INSERT OR REPLACE INTO analyses (origin, id, version, bytes, length, loudness, true_peak, head, tail, peak, energy)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                    params![
                        origin,
                        id.as_str(),
                        VERSION,
                        analysis.bytes as i64,
                        millis(analysis.length),
                        analysis.waveform.loudness,
                        analysis.true_peak,
                        millis(analysis.head),
                        millis(analysis.tail),
                        analysis.peak.map(millis),
                        packed(&analysis.waveform.levels),
                    ],
                )
                .map(drop)
        })
        .await
    }

    /// What is known of these tracks' previews.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub async fn analyses(&self, ids: Vec<TrackId>) -> Result<Vec<(TrackId, Arc<Analysis>)>, LibraryError> {
        self.with(move |connection, origin| {
            let mut known = Vec::new();
            for id in ids {
                if let Some(analysis) = read(connection, origin, &id)? {
                    known.push((id, Arc::new(analysis)));
                }
            }
            Ok(known)
        })
        .await
    }
}

fn read(connection: &Connection, origin: &str, id: &TrackId) -> rusqlite::Result<Option<Analysis>> {
    connection
        .prepare_cached(
            "SELECT bytes, length, loudness, true_peak, head, tail, peak, energy FROM analyses
             WHERE origin = ?1 AND id = ?2 AND version = ?3",
        )?
        .query_row(params![origin, id.as_str(), VERSION], analysis_of)
        .optional()
}

fn analysis_of(row: &Row) -> rusqlite::Result<Analysis> {
    // The file may have been changed: no number of it is trusted to make sense.
    let time = |millis: i64| Duration::from_millis(millis.max(0) as u64);
    let decibels = |value: Option<f64>| value.filter(|value| value.is_finite()).map(|value| value as f32);
    Ok(Analysis {
        bytes: row.get::<_, i64>(0)?.max(0) as u64,
        length: time(row.get(1)?),
        waveform: Arc::new(Waveform {
            levels: unpacked(row.get_ref(7)?.as_blob()?).collect(),
            loudness: decibels(row.get(2)?),
            complete: true,
        }),
        true_peak: decibels(row.get(3)?),
        head: time(row.get(4)?),
        tail: time(row.get(5)?),
        peak: row.get::<_, Option<i64>>(6)?.map(time),
    })
}

/// Levels as numbers of two bytes, the lower one first.
pub(super) fn packed(levels: &[f32]) -> Vec<u8> {
    levels
        .iter()
        .flat_map(|level| ((level.clamp(0.0, 1.0) * FULL).round() as u16).to_le_bytes())
        .collect()
}

/// Such levels again, one by one.
pub(super) fn unpacked(bytes: &[u8]) -> impl ExactSizeIterator<Item = f32> {
    bytes
        .chunks_exact(2)
        .map(|pair| f32::from(u16::from_le_bytes([pair[0], pair[1]])) / FULL)
}
