//! `receipts`: every spend of this key on this machine.

use serde_json::{Value, json};

use super::args::Receipts;
use super::failure::Failure;
use super::{open, print, print_json, remark, say, settle};
use crate::config::Settings;
use crate::spend::{FileState, Receipt, check_file, write_credits};
use crate::tasks::{RECEIPTS_CSV as CSV_HEADER, receipt_row as csv_row};

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
    let files: Vec<Option<FileState>> = if args.check {
        receipts.iter().map(check_file).collect()
    } else {
        vec![None; receipts.len()]
    };
    // First what can fail: the one document of `--json` is either the list or the error.
    let notes = if args.credits_txt {
        write_credits(&receipts).map_err(|error| Failure::other(format!("credits.txt cannot be written: {error}")))?
    } else {
        Vec::new()
    };
    if args.json {
        let all = receipts.iter().zip(&files).map(|(receipt, file)| document(receipt, *file));
        print_json(&Value::from(all.collect::<Vec<_>>()));
    } else if args.csv {
        print(CSV_HEADER);
        receipts
            .iter()
            .zip(&files)
            .for_each(|(receipt, file)| print(&csv_row(receipt, *file)));
    } else {
        receipts.iter().zip(&files).for_each(|(receipt, file)| print(&line(receipt, *file)));
    }
    notes.iter().for_each(|note| say(&note.display().to_string()));
    let wrong = files.iter().flatten().filter(|file| **file != FileState::Whole).count();
    if wrong == 0 {
        return Ok(());
    }
    let problem = Failure::other(format!(
        "{wrong} {} not as bought",
        if wrong == 1 { "file is" } else { "files are" }
    ));
    remark(&problem);
    Err(problem.already_printed())
}

fn line(receipt: &Receipt, file: Option<FileState>) -> String {
    let what = receipt
        .query
        .clone()
        .or_else(|| receipt.track_id.as_ref().map(ToString::to_string))
        .unwrap_or_default();
    let path = receipt.path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    let file = file.map(FileState::as_str).unwrap_or_default().to_owned();
    let text = |value: Option<String>| value.unwrap_or_default();
    let clip = text(receipt.clip.map(|clip| format!("clip of {} s", clip.duration().as_f64())));
    let project = text(receipt.project.as_ref().map(|project| format!("for {project}")));
    let balance = text(receipt.balance.map(|left| format!("{left} left")));
    let hash = receipt.file_sha256.as_ref().or(receipt.sha256.as_ref());
    let hash = text(hash.map(|hash| format!("SHA-256 {hash}")));
    let tail = [what, clip, project, balance, path, hash, file, text(receipt.note.clone())]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join(" · ");
    format!(
        "{:<20} {:<16} {:<8} {tail}",
        receipt.at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        receipt.endpoint,
        receipt.state.as_str()
    )
}

fn document(receipt: &Receipt, file: Option<FileState>) -> Value {
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
        "state": receipt.state.as_str(),
        "path": receipt.path,
        "sha256": receipt.sha256,
        "file_sha256": receipt.file_sha256,
        "bytes": receipt.bytes,
        "balance": receipt.balance,
        "project": receipt.project,
        "fit": receipt.fit,
        "note": receipt.note,
        "file": file.map(FileState::as_str),
    })
}
