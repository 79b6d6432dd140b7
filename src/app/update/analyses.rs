//! What previews were found to be: kept by the library, known before a track plays where it was ever listened to.

use std::sync::Arc;
use std::time::Duration;

use super::{Effect, play};
use crate::api::TrackId;
use crate::audio::{Analysis, Command};
use crate::state::{Phase, State};

/// Rows above and below the cursor whose previews are looked up before it gets there.
const AROUND: usize = 4;
/// More analyses than this are not held; the library has them all.
const MOST: usize = 1_000;
/// A track that plays for longer than this does not go to its peak by itself any more.
const SOON: Duration = Duration::from_secs(2);

/// Shows what is known of the track that is about to play.
pub(super) fn recall(state: &mut State) {
    let track = state.player.track.as_ref();
    if let Some(known) = track.and_then(|track| state.analyses.get(&track.id)).cloned() {
        show(state, known);
    }
}

/// Has the library asked about the tracks around the cursor.
pub(super) fn look_up(state: &mut State, effects: &mut Vec<Effect>) {
    if state.analyses.len() > MOST {
        state.analyses.clear();
    }
    let at = state.results.selected;
    let around = (at.saturating_sub(AROUND)..=at + AROUND).filter_map(|row| state.results.track(row));
    let playing = state.player.track.iter();
    let mut ids: Vec<TrackId> = Vec::new();
    for track in playing.chain(around) {
        if !state.analyses.contains_key(&track.id) && !ids.contains(&track.id) {
            ids.push(track.id.clone());
        }
    }
    if !ids.is_empty() {
        effects.push(Effect::LookUpAnalyses(ids));
    }
}

/// The library knows these.
pub(super) fn known(state: &mut State, known: Vec<(TrackId, Arc<Analysis>)>, effects: &mut Vec<Effect>) {
    let mut tell = Vec::new();
    for (id, analysis) in known {
        // What was found out in this session is newer.
        if state.analyses.contains_key(&id) {
            continue;
        }
        let shown = state.results.all.iter().chain(&state.player.track).find(|track| track.id == id);
        tell.extend(shown.and_then(|track| Some((track.preview_url.clone()?, Arc::clone(&analysis)))));
        state.analyses.insert(id.clone(), Arc::clone(&analysis));
        if state.player.track.as_ref().is_some_and(|track| track.id == id) {
            show(state, analysis);
            go_to_peak(state, effects);
        }
    }
    if !tell.is_empty() {
        effects.push(Effect::Audio(Command::Known(tell)));
    }
}

/// The player has listened to all of a preview.
pub(super) fn found(state: &mut State, url: &str, analysis: Arc<Analysis>, effects: &mut Vec<Effect>) {
    let is_it = |track: &&Arc<crate::api::Track>| track.preview_url.as_deref() == Some(url);
    let Some(id) = state
        .player
        .track
        .iter()
        .chain(&state.results.all)
        .find(is_it)
        .map(|track| track.id.clone())
    else {
        return;
    };
    state.analyses.insert(id.clone(), Arc::clone(&analysis));
    effects.push(Effect::KeepAnalysis(id.clone(), Arc::clone(&analysis)));
    if state.player.track.as_ref().is_some_and(|track| track.id == id) {
        show(state, analysis);
        go_to_peak(state, effects);
    }
}

/// The pane shows it.
fn show(state: &mut State, analysis: Arc<Analysis>) {
    state.player.waveform = Arc::clone(&analysis.waveform);
    state.player.length = Some(analysis.length);
    state.player.analysis = Some(analysis);
}

/// Goes to the peak that was not known when the track began, unless too much of it was heard since.
fn go_to_peak(state: &mut State, effects: &mut Vec<Effect>) {
    let player = &state.player;
    let head = player.analysis.as_ref().map_or(Duration::ZERO, |analysis| analysis.head);
    let plays = matches!(player.phase, Phase::Loading | Phase::Playing | Phase::Buffering);
    if !player.peak_wanted {
        return;
    }
    let early = player.position < head + SOON;
    if let Some(peak) = player.peak().filter(|_| early && plays) {
        play::seek(state, peak, effects);
    }
    state.player.peak_wanted = false;
}
