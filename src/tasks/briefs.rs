//! Opens a file of briefs, to go through them one by one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;

use super::Session;
use crate::app::Message;
use crate::batch::{self, Plan};
use crate::library::project_name;
use crate::state::{BriefList, OpenBrief};

/// Reads a file of briefs and finds out which of them are answered already.
pub(super) async fn load(session: Arc<Session>, path: PathBuf, messages: UnboundedSender<Message>) {
    let answer = open(&session, &path).await.map_err(|why| format!("{}: {why}", path.display()));
    let _ = messages.send(Message::Briefs(answer.map(Box::new)));
}

async fn open(session: &Session, path: &Path) -> Result<BriefList, String> {
    let file = super::from_home(path);
    let read = tokio::task::spawn_blocking({
        let file = file.clone();
        move || batch::read(&file)
    });
    let briefs = read.await.map_err(|error| error.to_string())??;
    let origin = session.door.client().endpoint().origin();
    let failed = |error: crate::library::LibraryError| error.to_string();
    let plan = Plan::make(&briefs, &origin, &session.library).await.map_err(failed)?;
    let shortlisted = session.library.shortlist_sizes().await.map_err(failed)?;
    Ok(BriefList {
        file,
        briefs: plan
            .briefs
            .into_iter()
            .map(|(brief, number)| OpenBrief {
                line: brief.line,
                project: project_name(brief.project.as_deref().unwrap_or_else(|| brief.request.query())),
                request: brief.request,
                age_seconds: plan.asks[number].cached,
                ask: number,
                refused: false,
            })
            .collect(),
        bad: briefs.bad.into_iter().map(|bad| (bad.line, bad.message)).collect(),
        at: 0,
        shortlisted,
    })
}
