//! Receipts for other programs, the check of the bought files, and their licence note.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;

use super::Session;
use super::projects::write_new;
use crate::api::Clip;
use crate::app::{Message, ReceiptWork};
use crate::spend::{FileState, Receipt, check_file, write_credits};
use crate::state::Severity;
use crate::text::csv_cell;
use crate::ui::format::count;

/// The first line of receipts as comma-separated values.
pub const RECEIPTS_CSV: &str =
    "time,endpoint,query,track_id,title,duration_seconds,hit_point_seconds,state,path,sha256,bytes,project,balance,note,file";

/// A receipt as comma-separated values, in the order of [`RECEIPTS_CSV`]. `sha256` is the one of the file as it is on disk.
pub fn receipt_row(receipt: &Receipt, file: Option<FileState>) -> String {
    let text = |value: Option<String>| value.unwrap_or_default();
    let cells = [
        receipt.at.to_string(),
        receipt.endpoint.clone(),
        text(receipt.query.clone()),
        text(receipt.track_id.as_ref().map(ToString::to_string)),
        text(receipt.title.clone()),
        text(receipt.clip.map(|clip| clip.duration().as_f64().to_string())),
        text(receipt.clip.and_then(Clip::hit_point).map(|hit| hit.as_f64().to_string())),
        receipt.state.as_str().to_owned(),
        text(receipt.path.as_ref().map(|path| path.display().to_string())),
        text(receipt.file_sha256.clone().or_else(|| receipt.sha256.clone())),
        text(receipt.bytes.map(|bytes| bytes.to_string())),
        text(receipt.project.clone()),
        text(receipt.balance.map(|balance| balance.to_string())),
        text(receipt.note.clone()),
        file.map(FileState::as_str).unwrap_or_default().to_owned(),
    ];
    cells.map(|cell| csv_cell(&cell)).join(",")
}

/// Does what the receipts popup asks for, and says what came of it.
pub(super) async fn work(session: Arc<Session>, work: ReceiptWork, messages: UnboundedSender<Message>) {
    let receipts = match session.door.ledger().receipts(usize::MAX).await {
        Ok(receipts) => receipts,
        Err(error) => {
            let _ = messages.send(Message::Notice(Severity::Error, error.to_string()));
            return;
        }
    };
    let done = tokio::task::spawn_blocking(move || match work {
        ReceiptWork::Check => check(&receipts),
        ReceiptWork::Export(folder) => export(&receipts, &folder),
        ReceiptWork::CreditsNote => credits(&receipts),
    });
    if let Ok((severity, text)) = done.await {
        let _ = messages.send(Message::Notice(severity, text));
    }
}

fn check(receipts: &[Receipt]) -> (Severity, String) {
    let files: Vec<(&Receipt, FileState)> = receipts
        .iter()
        .filter_map(|receipt| Some((receipt, check_file(receipt)?)))
        .collect();
    let wrong: Vec<String> = files
        .iter()
        .filter(|(_, file)| *file != FileState::Whole)
        .map(|(receipt, file)| {
            let name = receipt
                .path
                .as_ref()
                .and_then(|path| path.file_name())
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            format!("{name} is {}", file.as_str())
        })
        .collect();
    told(files.len(), &wrong)
}

/// What is said of so many files, of which these are wrong.
fn told(files: usize, wrong: &[String]) -> (Severity, String) {
    match (files, wrong) {
        (1, []) => (Severity::Success, "The one bought file is here and unchanged.".to_owned()),
        (_, []) => (Severity::Success, format!("All {files} bought files are here and unchanged.")),
        (_, wrong) => {
            let how = if wrong.len() == 1 {
                "is not as it was"
            } else {
                "are not as they were"
            };
            let of = count(files, "bought file");
            (Severity::Error, format!("{} of {of} {how}: {}", wrong.len(), wrong.join("; ")))
        }
    }
}

fn export(receipts: &[Receipt], folder: &Path) -> (Severity, String) {
    let rows: Vec<String> = receipts.iter().map(|receipt| receipt_row(receipt, None)).collect();
    let text = format!("{RECEIPTS_CSV}\r\n{}\r\n", rows.join("\r\n"));
    match write_new(folder, "receipts", "csv", &text) {
        Ok(path) => (Severity::Success, format!("Exported: {}", path.display())),
        Err(error) => (Severity::Error, format!("The receipts cannot be exported: {error}")),
    }
}

fn credits(receipts: &[Receipt]) -> (Severity, String) {
    match write_credits(receipts) {
        Ok(notes) if notes.is_empty() => (Severity::Info, "There is no bought file to write a note for.".into()),
        Ok(notes) => {
            let places: Vec<String> = notes.iter().map(|note| note.display().to_string()).collect();
            (Severity::Success, format!("Licence note written: {}", places.join(", ")))
        }
        Err(error) => (Severity::Error, format!("credits.txt cannot be written: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_is_told_as_one() {
        let wrong = ["a.mp3 is missing".to_owned(), "b.mp3 is changed".to_owned()];
        for (files, wrong, said) in [
            (0, &wrong[..0], "All 0 bought files are here and unchanged."),
            (1, &wrong[..0], "The one bought file is here and unchanged."),
            (2, &wrong[..0], "All 2 bought files are here and unchanged."),
            (1, &wrong[..1], "1 of 1 bought file is not as it was: a.mp3 is missing"),
            (3, &wrong[..1], "1 of 3 bought files is not as it was: a.mp3 is missing"),
            (
                3,
                &wrong[..],
                "2 of 3 bought files are not as they were: a.mp3 is missing; b.mp3 is changed",
            ),
        ] {
            assert_eq!(told(files, wrong).1, said);
        }
    }
}
