//! `c`: the id of the track under the cursor; again, its credit line; again, the path of its file if it is owned.

use super::Effect;
use super::status::say;
use crate::api::Track;
use crate::state::{Copied, CopyWhat, Severity, State};

/// Copies the next thing of the track under the cursor.
pub(super) fn copy(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(track) = state.selected().cloned() else {
        say(
            state,
            Severity::Info,
            "There is no track to copy anything of yet: describe some music first.",
        );
        return;
    };
    let owned = state.marks.owned.contains(&track.id);
    let last = state
        .copied
        .as_ref()
        .filter(|copied| copied.track == track.id)
        .map(|copied| copied.what);
    let what = match last {
        None | Some(CopyWhat::Path) => CopyWhat::Id,
        Some(CopyWhat::Id) => CopyWhat::CreditLine,
        Some(CopyWhat::CreditLine) if owned => CopyWhat::Path,
        Some(CopyWhat::CreditLine) => CopyWhat::Id,
    };
    match what {
        CopyWhat::Id => {
            say(state, Severity::Success, format!("Copied {}; again for its credit line.", track.id));
            effects.push(Effect::Copy(track.id.to_string()));
        }
        CopyWhat::CreditLine => {
            let next = if owned { "the path of its file" } else { "its id" };
            let line = credit_line(&track);
            say(state, Severity::Success, format!("Copied “{line}”; again for {next}."));
            effects.push(Effect::Copy(line));
        }
        CopyWhat::Path => effects.push(Effect::CopyPath(track.id.clone())),
    }
    state.copied = Some(Copied {
        track: track.id.clone(),
        what,
    });
}

/// The path of the file is known, or that there is none.
pub(super) fn path_found(state: &mut State, path: Option<std::path::PathBuf>, effects: &mut Vec<Effect>) {
    let Some(path) = path else {
        say(
            state,
            Severity::Info,
            "The full track is not on this machine any more, or only a clip of it was bought: its receipt says which.",
        );
        return;
    };
    let path = path.display().to_string();
    say(state, Severity::Success, format!("Copied {}", crate::text::Clean::new(&path)));
    effects.push(Effect::Copy(path));
}

/// How the track is named in the credits of a film or in show notes.
fn credit_line(track: &Track) -> String {
    format!("Music: “{}” by {}, licensed through Trackyard", track.title, track.artist)
}
