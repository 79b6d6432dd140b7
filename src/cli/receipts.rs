//! `receipts`: every spend of this key on this machine.

use serde_json::{Value, json};

use super::args::Receipts;
use super::failure::Failure;
use super::usage::csv;
use super::{open, print, settle};
use crate::config::Settings;
use crate::spend::{Receipt, SpendState};

pub(super) async fn run(args: Receipts, settings: Settings) -> Result<(), Failure> {
    let session = open(&settings).await?;
    if !settings.offline {
        settle(&session).await;
    }
    let receipts = session
        .door
        .ledger()
        .receipts(usize::MAX)
        .await
        .map_err(|error| Failure::other(error.to_string()))?;
    if args.json {
        print(&Value::from(receipts.iter().map(document).collect::<Vec<_>>()).to_string());
        return Ok(());
    }
    if args.csv {
        print("time,endpoint,what,state,path,sha256,balance,note");
    }
    for receipt in &receipts {
        let what = receipt
            .query
            .clone()
            .or_else(|| receipt.track_id.as_ref().map(ToString::to_string))
            .unwrap_or_default();
        let path = receipt.path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        let balance = receipt.balance.map(|balance| balance.to_string()).unwrap_or_default();
        let hash = receipt.file_sha256.clone().or_else(|| receipt.sha256.clone()).unwrap_or_default();
        let note = receipt.note.clone().unwrap_or_default();
        if args.csv {
            let cells = [
                receipt.at.to_string(),
                receipt.endpoint.clone(),
                what,
                state(receipt.state).to_owned(),
                path,
                hash,
                balance,
                note,
            ];
            print(&cells.map(|cell| csv(&cell)).join(","));
        } else {
            let tail = [what, path, note]
                .into_iter()
                .filter(|text| !text.is_empty())
                .collect::<Vec<_>>()
                .join(" · ");
            print(&format!(
                "{:<20} {:<16} {:<8} {tail}",
                receipt.at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
                receipt.endpoint,
                state(receipt.state)
            ));
        }
    }
    Ok(())
}

fn document(receipt: &Receipt) -> Value {
    let clip = receipt
        .clip
        .map(|clip| json!({"duration_seconds": clip.duration(), "hit_point_seconds": clip.hit_point()}));
    json!({
        "time": receipt.at.to_string(),
        "endpoint": receipt.endpoint,
        "query": receipt.query,
        "track_id": receipt.track_id,
        "title": receipt.title,
        "clip": clip,
        "state": state(receipt.state),
        "path": receipt.path,
        "sha256": receipt.sha256,
        "file_sha256": receipt.file_sha256,
        "bytes": receipt.bytes,
        "balance": receipt.balance,
        "project": receipt.project,
        "note": receipt.note,
    })
}

fn state(state: SpendState) -> &'static str {
    match state {
        SpendState::Pending => "pending",
        SpendState::Charged => "charged",
        SpendState::Free => "free",
        SpendState::Unknown => "unknown",
    }
}
