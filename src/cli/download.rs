//! `download`: 1 credit, or 0 if it was bought before and is still there.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::args::Download;
use super::failure::Failure;
use super::search::{cost, tell};
use super::{Consent, ask, open, print, print_json, remark, say, settle};
use crate::api::{Clip, DownloadRequest, TrackId};
use crate::config::Settings;
use crate::spend::acts::Commanded;
use crate::spend::{Permit, Target};
use crate::term;

pub(super) async fn run(args: Download, settings: Settings) -> Result<(), Failure> {
    let track_id = TrackId::new(&args.track_id).map_err(|error| Failure::usage(error.to_string()))?;
    let clip = args.duration.map(|duration| Clip::new(duration, args.hit_point)).transpose()?;
    if !args.yes && !term::can_be_asked() {
        return Err(Failure::usage("a download costs 1 credit: say --yes to spend it"));
    }
    let request = DownloadRequest { track_id, clip };
    let session = open(&settings).await?;
    if !settings.offline {
        settle(&session).await;
    }
    let track = session
        .library
        .track(request.track_id.clone())
        .await
        .unwrap_or_default()
        .map(Arc::new);
    let owned = if args.again { None } else { session.door.owned(&request).await? };
    let bought = match owned {
        // Nobody was asked for a credit, so there must be nothing here that could spend one.
        Some(owned) => owned,
        None if settings.offline => return Err(Failure::offline("it is not on this disk")),
        None => {
            let consent = consent(&args, track.as_ref().map_or(args.track_id.as_str(), |track| &track.title))?;
            let permit = Permit::download_by_command(Commanded::from_consent(consent), request, args.again);
            let target = target(args.output.clone(), settings.download_folder);
            session.door.download(permit, track, target, CancellationToken::new(), tell).await?
        }
    };
    if args.json {
        print_json(&json!({
            "track_id": args.track_id,
            "path": bought.path,
            "bytes": bought.bytes,
            "sha256": bought.file_sha256,
            "duration_seconds": bought.duration_seconds,
            "hit_point_seconds": args.hit_point,
            "credits_spent": bought.credits_spent,
            "credits_remaining": bought.credits_remaining,
        }));
    } else {
        print(&bought.path.display().to_string());
        say(&cost(bought.credits_spent, bought.credits_remaining));
    }
    if let Some(note) = &bought.note {
        remark(note);
    }
    Ok(())
}

/// `--yes`, or a yes that is typed now.
fn consent(args: &Download, what: &str) -> Result<Consent, Failure> {
    if args.yes {
        return Ok(Consent::given());
    }
    match ask(&format!("Download “{what}” for 1 credit? [y/N]")).as_str() {
        "y" | "yes" => Ok(Consent::given()),
        _ => Err(Failure::other("nothing was downloaded, nothing was spent")),
    }
}

/// A path that ends in a slash, or is a folder, is a folder.
fn target(output: Option<PathBuf>, folder: PathBuf) -> Target {
    match output {
        None => Target::Folder(folder),
        Some(path) if path.is_dir() || path.as_os_str().to_string_lossy().ends_with(std::path::is_separator) => Target::Folder(path),
        Some(path) => Target::File(path),
    }
}
