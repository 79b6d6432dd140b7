//! The clip panel: `t`. Everything in it is free, until `d` asks whether to buy.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tui_input::Input;

use super::status::say;
use super::{Effect, confirm, play, query};
use crate::api::DownloadRequest;
use crate::audio::{Command, Part};
use crate::clip::{Fit, Made, Order, Told, predict};
use crate::input::{Key, KeyPress};
use crate::state::{
    CLIP_SECONDS, ClipEntry, ClipField, ClipPanel, DownloadId, FADE_OUT_SECONDS, Ownership, PRESETS, Phase, Popup, Rehearsed, Severity,
    State,
};
use crate::text::{Clean, parse_seconds};

/// How much one key moves the hit point, in seconds.
const HIT_STEP: f64 = 0.5;
/// Less than this cannot be rehearsed in a loop, in seconds.
const LEAST_TO_HEAR: f64 = 0.5;

/// `t`, and `m` with the hit point at the moment that sounds.
pub(super) fn open(state: &mut State, hit_here: bool, effects: &mut Vec<Effect>) {
    let Some(track) = state.selected().cloned() else {
        say(state, Severity::Info, "There is no track to fit yet: describe some music first.");
        return;
    };
    let mut panel = ClipPanel::new(track);
    effects.push(Effect::LookUpOwned(panel.full_request()));
    let plays = state.player.track.as_ref().is_some_and(|playing| playing.id == panel.track.id)
        && matches!(
            state.player.phase,
            Phase::Loading | Phase::Playing | Phase::Buffering | Phase::Paused
        );
    if !plays {
        play::play(state, Arc::clone(&panel.track), Duration::ZERO, effects);
    }
    let here = state.player.here(state.now).as_secs_f64();
    if hit_here {
        panel.tapped = Some(here);
    }
    state.popups.push(Popup::Clip(Box::new(panel)));
    if state.player.features.is_none() {
        effects.push(Effect::Audio(Command::Examine));
        return;
    }
    first_estimate(state, effects);
}

/// The first look at which part it is.
fn first_estimate(state: &mut State, effects: &mut Vec<Effect>) {
    estimate(state);
    if let Some(at) = panel(state).and_then(|panel| panel.tapped.take()) {
        tap(state, at);
        estimate(state);
    }
    rehearse(state, effects);
}

/// The panel, if it is on the screen.
fn panel(state: &mut State) -> Option<&mut ClipPanel> {
    state.popups.iter_mut().find_map(|popup| match popup {
        Popup::Clip(panel) => Some(&mut **panel),
        _ => None,
    })
}

/// The player has said something: perhaps what the preview is like.
pub(super) fn heard(state: &mut State, effects: &mut Vec<Effect>) {
    let known = state.player.features.is_some();
    if known && panel(state).is_some_and(|panel| panel.estimate.is_none() && panel.problem.is_none()) && plays_the_track(state) {
        first_estimate(state, effects);
    }
}

fn plays_the_track(state: &mut State) -> bool {
    let playing = state.player.track.as_ref().map(|track| track.id.clone());
    panel(state).is_some_and(|panel| Some(&panel.track.id) == playing.as_ref())
}

/// Works out which part it will probably be.
fn estimate(state: &mut State) {
    let Some(features) = state.player.features.clone() else { return };
    let Some(panel) = panel(state) else { return };
    let told = Told {
        bpm: panel.track.bpm,
        seconds: panel.track.duration_seconds,
    };
    panel.estimate = panel.clip().and_then(|clip| predict(&features, clip, told));
    if panel.estimate.is_none() {
        panel.problem = Some("There is nothing in the preview to judge by.".to_owned());
    }
}

/// Plays what can be heard of the estimate, again and again.
fn rehearse(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(features) = state.player.features.clone() else { return };
    let Some(panel) = panel(state) else { return };
    let Some(segment) = panel.estimate else { return };
    let heard = features.seconds();
    let (from, to) = segment.audible(heard);
    if to - from < LEAST_TO_HEAR {
        panel.problem = Some("The preview has nothing of this part: it cannot be heard before it is bought.".to_owned());
        return;
    }
    let part = Part {
        from: Duration::from_secs_f64(from),
        to: Duration::from_secs_f64(to),
        fades: panel.rehearsal_fades(heard),
    };
    // Where it falls in the preview, as far as it can be heard there.
    let hit = panel
        .hit_point
        .and_then(|hit| Duration::try_from_secs_f64(segment.start + hit).ok());
    let player = &mut state.player;
    player.hit = hit;
    (player.loop_in, player.loop_out) = (Some(part.from), Some(part.to));
    player.sought(part.from, state.now);
    effects.push(Effect::Audio(Command::Rehearse(part)));
    effects.push(Effect::Audio(Command::Seek(part.from)));
    if matches!(player.phase, Phase::Paused | Phase::Ended) {
        player.go_on();
        effects.push(Effect::Audio(Command::Resume));
    }
}

/// The hit point where the clip is now: the peak shall land at the moment that sounds `here`, in preview time.
fn tap(state: &mut State, here: f64) {
    let Some(panel) = panel(state) else { return };
    let Some(segment) = panel.estimate else { return };
    let at = ((here - segment.start) * 10.0).round() / 10.0;
    if (0.0..panel.seconds).contains(&at) {
        panel.hit_point = Some(at);
        panel.field = ClipField::HitPoint;
        panel.problem = None;
    } else {
        panel.problem = Some("This moment is not in the clip: play a moment that is, or type the hit point.".to_owned());
    }
}

/// A key while the panel is on top.
pub(super) fn key(state: &mut State, key: &KeyPress, effects: &mut Vec<Effect>) {
    let here = state.player.here(state.now).as_secs_f64();
    let Some(Popup::Clip(panel)) = state.popups.last_mut() else {
        return;
    };
    if let Some(typing) = panel.typing.take() {
        typed(state, typing, key, effects);
        return;
    }
    match key.key {
        Key::Esc => close(state, effects),
        Key::Tab | Key::BackTab | Key::Up | Key::Down => {
            panel.field = match panel.field {
                ClipField::Length => ClipField::HitPoint,
                ClipField::HitPoint => ClipField::Length,
            };
        }
        Key::Left | Key::Char('h') => step(state, -1, effects),
        Key::Right | Key::Char('l') => step(state, 1, effects),
        Key::Char(c) if c.is_ascii_digit() => panel.typing = Some(ClipEntry::Value(Input::new(c.to_string()))),
        Key::Char('f') => panel.typing = Some(ClipEntry::File(Input::default())),
        Key::Char('m') => {
            tap(state, here);
            changed(state, effects);
        }
        Key::Char('x') => {
            panel.hit_point = None;
            changed(state, effects);
        }
        Key::Char(' ') => {
            let track = Arc::clone(&panel.track);
            play::play_pause_at(state, Some(track), effects);
        }
        Key::Char('+' | '=') => play::set_volume(state, state.player.volume.saturating_add(5).min(100), effects),
        Key::Char('-') => play::set_volume(state, state.player.volume.saturating_sub(5), effects),
        Key::Enter => rehearse(state, effects),
        Key::Char('c') => cut(state, effects),
        Key::Char('d') => buy(state, effects),
        _ => {}
    }
}

/// Pasted text: a path, or a number.
pub(super) fn paste(panel: &mut ClipPanel, text: &str) {
    if let Some(ClipEntry::Value(input) | ClipEntry::File(input)) = &mut panel.typing {
        query::insert(input, text);
    }
}

/// The panel closes, and the music goes on past the end of the part.
fn close(state: &mut State, effects: &mut Vec<Effect>) {
    state.popups.pop();
    (state.player.loop_in, state.player.loop_out) = (None, None);
    effects.push(Effect::Audio(Command::Loop(None, None)));
}

/// The next or the previous value of the field.
fn step(state: &mut State, by: i32, effects: &mut Vec<Effect>) {
    let Some(panel) = panel(state) else { return };
    match panel.field {
        ClipField::Length => {
            let next = if by > 0 {
                PRESETS.into_iter().find(|preset| *preset > panel.seconds)
            } else {
                PRESETS.into_iter().rev().find(|preset| *preset < panel.seconds)
            };
            let Some(next) = next else { return };
            set_length(panel, next, None);
        }
        ClipField::HitPoint => {
            let at = panel
                .hit_point
                .map_or(panel.seconds / 2.0, |hit| ((hit + f64::from(by) * HIT_STEP) * 10.0).round() / 10.0);
            panel.hit_point = Some(at.clamp(0.0, panel.seconds - HIT_STEP));
        }
    }
    changed(state, effects);
}

/// Sets the length; a hit point that is not inside any more goes.
fn set_length(panel: &mut ClipPanel, seconds: f64, length_of: Option<String>) {
    panel.seconds = seconds;
    panel.length_of = length_of;
    panel.problem = None;
    panel.hit_point = panel.hit_point.filter(|hit| *hit < seconds);
}

/// Length or hit point are others now: so are the estimate and what plays.
fn changed(state: &mut State, effects: &mut Vec<Effect>) {
    if state.player.features.is_some() {
        estimate(state);
        rehearse(state, effects);
    }
}

/// A key while something is being typed.
fn typed(state: &mut State, mut typing: ClipEntry, key: &KeyPress, effects: &mut Vec<Effect>) {
    let Some(panel) = panel(state) else { return };
    match (key.key, &mut typing) {
        (Key::Esc, _) => {}
        (Key::Enter, ClipEntry::Value(input)) => {
            match parse_seconds(input.value()) {
                Some(value) => apply(panel, value),
                None => {
                    panel.problem = Some(format!(
                        "“{}” is no time: type seconds, or minutes as in 1:07.",
                        Clean::new(input.value())
                    ));
                }
            }
            changed(state, effects);
        }
        (Key::Enter, ClipEntry::File(input)) => {
            let path = input.value().trim().trim_matches(['"', '\'']).to_owned();
            if path.is_empty() {
                return;
            }
            effects.push(Effect::MediaLength(PathBuf::from(path)));
        }
        (_, ClipEntry::Value(input) | ClipEntry::File(input)) => {
            let _ = query::edit(input, key);
            panel.typing = Some(typing);
        }
    }
}

/// A value for the field with the focus.
fn apply(panel: &mut ClipPanel, value: f64) {
    panel.problem = None;
    match panel.field {
        ClipField::Length if CLIP_SECONDS.contains(&value) => set_length(panel, value, None),
        ClipField::Length => panel.problem = Some(format!("{value} s: a clip is 10 to 300 s long.")),
        ClipField::HitPoint if value < panel.seconds => panel.hit_point = Some(value),
        ClipField::HitPoint => panel.problem = Some(format!("{value} s is not inside of the clip, which is {} s long.", panel.seconds)),
    }
}

/// Sets a field of the panel on top; `None` takes its value away.
pub(super) fn set(state: &mut State, field: ClipField, value: Option<f64>, effects: &mut Vec<Effect>) {
    let Some(panel) = panel(state) else { return };
    panel.field = field;
    match (field, value) {
        (_, Some(value)) => apply(panel, value),
        (ClipField::HitPoint, None) => panel.hit_point = None,
        (ClipField::Length, None) => {}
    }
    changed(state, effects);
}

/// A video or a voice recording was looked at.
pub(super) fn length_read(state: &mut State, path: &Path, length: Result<f64, String>, effects: &mut Vec<Effect>) {
    let name = Clean::new(&path.file_name().unwrap_or(path.as_os_str()).to_string_lossy()).to_string();
    let Some(panel) = panel(state) else { return };
    match length {
        Ok(seconds) if CLIP_SECONDS.contains(&seconds) => {
            set_length(panel, (seconds * 1000.0).round() / 1000.0, Some(name));
            changed(state, effects);
        }
        Ok(seconds) => panel.problem = Some(format!("{name} is {seconds:.1} s long, and a clip is 10 to 300 s long.")),
        Err(why) => panel.problem = Some(format!("{name}: {why}")),
    }
}

/// The ledger knows whether the full track is owned.
pub(super) fn owned(state: &mut State, about: &DownloadRequest, known: &Ownership) {
    if let Some(panel) = panel(state)
        && panel.full_request() == *about
    {
        panel.full = known.clone();
    }
}

/// `c`: cuts the clip from the file that is owned.
fn cut(state: &mut State, effects: &mut Vec<Effect>) {
    let folder = state.folder.clone();
    let Some(panel) = panel(state) else { return };
    match (&panel.full, panel.clip()) {
        (Ownership::Owned(source), Some(clip)) if !panel.cutting => {
            let request = DownloadRequest {
                track_id: panel.track.id.clone(),
                clip: Some(clip),
            };
            let output = folder.join(crate::spend::file_name(&request, Some(&panel.track)));
            effects.push(Effect::Cut(Order {
                source: source.clone(),
                seconds: panel.seconds,
                hit_point: panel.hit_point,
                fade: Some(FADE_OUT_SECONDS),
                bpm: panel.track.bpm,
                output,
            }));
            panel.cutting = true;
            panel.problem = None;
        }
        (Ownership::Owned(_), _) => {}
        (Ownership::Unknown(_), _) => panel.problem = panel.unknown_ownership(),
        _ => {
            panel.problem =
                Some("Clips are cut from the full track, and that is not owned: buy it once with d in the list (1 credit).".to_owned());
        }
    }
}

/// A clip was cut, or not.
pub(super) fn cut_done(state: &mut State, made: Result<Box<Made>, String>) {
    if let Some(panel) = panel(state) {
        panel.cutting = false;
        panel.problem = made.as_ref().err().cloned();
    }
    match made {
        Ok(made) => {
            let note = made.note.map(|note| format!(" ({note})")).unwrap_or_default();
            say(state, Severity::Success, format!("Cut for nothing: {}{note}", made.path.display()));
        }
        Err(why) => say(state, Severity::Error, why),
    }
}

/// `d`: asks whether to buy the clip.
fn buy(state: &mut State, effects: &mut Vec<Effect>) {
    let preview = state.player.features.clone();
    let Some(panel) = panel(state) else { return };
    let Some(clip) = panel.clip() else { return };
    let request = DownloadRequest {
        track_id: panel.track.id.clone(),
        clip: Some(clip),
    };
    let track = Arc::clone(&panel.track);
    let rehearsed = panel
        .estimate
        .zip(preview)
        .map(|(estimate, preview)| Rehearsed { clip, estimate, preview });
    confirm::buy(state, track, request, rehearsed, effects);
}

/// A delivered clip was measured.
pub(super) fn measured(state: &mut State, id: DownloadId, fit: Result<Fit, String>) {
    let Some(download) = state.downloads.iter().find(|download| download.id == id) else {
        return;
    };
    let title = download.track.title.to_string();
    match fit {
        Ok(fit) => say(state, Severity::Success, format!("{title}: {}", fit.words())),
        Err(why) => say(
            state,
            Severity::Error,
            format!("{title} is there, but could not be measured: {why}"),
        ),
    }
}
