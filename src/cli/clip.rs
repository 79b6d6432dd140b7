//! `clip`: cuts a clip out of a file that is owned, free.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::args::Clip;
use super::failure::Failure;
use super::source::track_id;
use super::{open, print, print_json, remark, say};
use crate::api::DownloadRequest;
use crate::clip::{Order, make};
use crate::config::Settings;

pub(super) async fn run(args: Clip, settings: impl FnOnce() -> Result<Settings, Failure>) -> Result<(), Failure> {
    let mut order = Order {
        source: args.source.clone(),
        seconds: args.duration,
        hit_point: args.hit_point,
        fade: args.fade,
        bpm: None,
        output: args.output,
    };
    order.check()?;
    if !args.source.exists() {
        (order.source, order.bpm) = owned(&args.source, &settings()?).await?;
    }
    let made = tokio::task::spawn_blocking(move || make(&order))
        .await
        .map_err(|_| Failure::other("the program is ending"))??;
    if args.json {
        print_json(&json!({
            "path": made.path,
            "bytes": made.bytes,
            "duration_seconds": made.seconds,
            "start_seconds": made.start,
            "hit_point_seconds": args.hit_point,
            "peak_seconds": made.peak,
            "credits_spent": 0,
        }));
    } else {
        print(&made.path.display().to_string());
        let peak = made.peak.map(|peak| format!(", its peak at {peak:.1} s")).unwrap_or_default();
        say(&format!("{:.2} s from {:.2} s on{peak}, free", made.seconds, made.start));
    }
    if let Some(note) = &made.note {
        remark(note);
    }
    Ok(())
}

/// The file of a track that was bought in full, and its tempo.
async fn owned(source: &Path, settings: &Settings) -> Result<(PathBuf, Option<f64>), Failure> {
    let name = source.display();
    let track_id = track_id(source).ok_or_else(|| Failure::not_found(format!("there is no file {name}: check the path")))?;
    let session = open(settings).await?;
    let request = DownloadRequest {
        track_id: track_id.clone(),
        clip: None,
    };
    let receipt = session
        .door
        .ledger()
        .owned(&request)
        .await
        .map_err(|error| Failure::other(error.to_string()))?;
    let path = receipt.and_then(|receipt| receipt.path).ok_or_else(|| {
        Failure::not_found(format!(
            "there is no file {name}, and no full track of that id was bought and is still there: buy it once (1 credit) with \
             trackyard-tui download {track_id} --yes, and cut as many clips as you like"
        ))
    })?;
    let track = session.library.track(track_id).await.unwrap_or_default();
    Ok((path, track.and_then(|track| track.bpm)))
}
