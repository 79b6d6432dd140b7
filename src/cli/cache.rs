//! `cache`: the previews that are kept on the disk.

use serde_json::json;

use super::args::Cache;
use super::failure::Failure;
use super::{kept_previews, print, print_json};
use crate::audio::Amount;
use crate::config::Settings;

pub(super) fn run(command: &Cache, settings: &Settings) -> Result<(), Failure> {
    let kept = kept_previews(settings);
    let folder = kept.folder().display().to_string();
    let failed = |error: std::io::Error| Failure::other(format!("the previews kept in {folder} cannot be reached: {error}"));
    match command {
        Cache::Info { json } => {
            let Amount { previews, bytes } = kept.amount().map_err(failed)?;
            if *json {
                print_json(&json!({"folder": folder, "previews": previews, "bytes": bytes, "limit_bytes": kept.limit()}));
            } else {
                print(&format!(
                    "{} of at most {} in {folder}",
                    count(previews, bytes),
                    megabytes(kept.limit())
                ));
            }
        }
        Cache::Clear { json } => {
            let Amount { previews, bytes } = kept.clear().map_err(failed)?;
            if *json {
                print_json(&json!({"folder": folder, "removed": previews, "bytes": bytes}));
            } else {
                print(&format!("removed {} from {folder}", count(previews, bytes)));
            }
        }
    }
    Ok(())
}

fn count(previews: u64, bytes: u64) -> String {
    let noun = if previews == 1 { "preview" } else { "previews" };
    format!("{previews} {noun}, {}", megabytes(bytes))
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
