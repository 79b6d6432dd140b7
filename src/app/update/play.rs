//! Sound: what plays, and where in it. Only the user's own keys change it.

use std::sync::Arc;
use std::time::Duration;

use super::Effect;
use super::analyses;
use super::status::say;
use crate::api::Track;
use crate::audio::{Command, DeviceEvent, Event, Ticket};
use crate::input::Action;
use crate::state::{Device, Phase, Severity, State};

/// Moves that follow each other faster than this, in milliseconds, are a held key: only the row where it ends is played.
const HELD_KEY_MS: u64 = 120;
/// How long the cursor must rest after a held key, in milliseconds.
const REST_MS: u64 = 80;
/// How much one key changes the volume, in per cent.
const VOLUME_STEP: u8 = 5;
/// How many rows ahead of the cursor are fetched before they are wanted.
const AHEAD: usize = 2;

/// An action on the sound.
pub(super) fn act(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::PlayPause => play_pause(state, effects),
        Action::PlayFromStart => play_selected(state, effects),
        Action::Back5 => seek_by(state, -5.0, effects),
        Action::Forward5 => seek_by(state, 5.0, effects),
        Action::Back15 => seek_by(state, -15.0, effects),
        Action::Forward15 => seek_by(state, 15.0, effects),
        Action::Peak => match state.player.peak() {
            Some(peak) => seek(state, peak, effects),
            None => say(
                state,
                Severity::Info,
                "The loudest moment is known once more of the preview is here.",
            ),
        },
        Action::LoopIn => set_loop(state, true, effects),
        Action::LoopOut => set_loop(state, false, effects),
        Action::Repeat => {
            state.player.repeat = !state.player.repeat;
            effects.push(Effect::Audio(Command::Repeat(state.player.repeat)));
            // Repeat is the switch of a loop too: off, the music goes on past it.
            if !state.player.repeat && (state.player.loop_in.take().is_some() | state.player.loop_out.take().is_some()) {
                effects.push(Effect::Audio(Command::Loop(None, None)));
            }
            say(state, Severity::Info, if state.player.repeat { "Repeat on" } else { "Repeat off" });
        }
        Action::VolumeUp => set_volume(state, state.player.volume.saturating_add(VOLUME_STEP).min(100), effects),
        Action::VolumeDown => set_volume(state, state.player.volume.saturating_sub(VOLUME_STEP), effects),
        Action::Mute => {
            state.player.muted = !state.player.muted;
            effects.push(volume(state));
        }
        Action::EvenLoudness => {
            state.player.even = !state.player.even;
            effects.push(Effect::Audio(Command::Even(state.player.even)));
            let text = if state.player.even {
                "All previews are equally loud now"
            } else {
                "Previews are as loud as they are made"
            };
            say(state, Severity::Info, text);
        }
        Action::AutoAudition => {
            state.player.auto_audition = !state.player.auto_audition;
            let text = if state.player.auto_audition {
                "Tracks play when the cursor reaches them"
            } else {
                "Tracks do not play when the cursor reaches them"
            };
            say(state, Severity::Info, text);
        }
        _ => {
            if let Some(tenth) = tenth(action) {
                match state.player.length {
                    Some(length) => seek(state, length * tenth / 10, effects),
                    None if tenth == 0 => seek(state, Duration::ZERO, effects),
                    None => {}
                }
            }
        }
    }
}

fn tenth(action: Action) -> Option<u32> {
    Some(match action {
        Action::Seek0 => 0,
        Action::Seek1 => 1,
        Action::Seek2 => 2,
        Action::Seek3 => 3,
        Action::Seek4 => 4,
        Action::Seek5 => 5,
        Action::Seek6 => 6,
        Action::Seek7 => 7,
        Action::Seek8 => 8,
        Action::Seek9 => 9,
        _ => return None,
    })
}

/// The cursor is on another row. At once, unless a key is held down: then when it rests.
pub(super) fn cursor_moved(state: &mut State, effects: &mut Vec<Effect>) {
    if !state.player.auto_audition {
        return;
    }
    let held = state.player.moved_at.is_some_and(|before| state.now.since(before) < HELD_KEY_MS);
    state.player.moved_at = Some(state.now);
    if held {
        state.player.audition_at = Some(state.now.plus_millis(REST_MS));
    } else {
        audition(state, effects);
    }
}

/// Plays the track under the cursor, unless it is playing already.
pub(super) fn audition(state: &mut State, effects: &mut Vec<Effect>) {
    state.player.audition_at = None;
    let Some(track) = state.selected().cloned() else { return };
    let same = state.player.track.as_ref().is_some_and(|playing| playing.id == track.id);
    if same && matches!(state.player.phase, Phase::Loading | Phase::Playing | Phase::Buffering) {
        return;
    }
    let known = state.analyses.get(&track.id).cloned();
    let peak = known.as_ref().and_then(|analysis| analysis.peak);
    let at_peak = state.player.start_at_peak;
    play(state, track, peak.filter(|_| at_peak).unwrap_or_default(), effects);
    state.player.peak_wanted = at_peak && known.is_none();
}

fn play_selected(state: &mut State, effects: &mut Vec<Effect>) {
    if let Some(track) = state.selected().cloned() {
        play(state, track, Duration::ZERO, effects);
    }
}

/// Space in the results.
fn play_pause(state: &mut State, effects: &mut Vec<Effect>) {
    let track = state.selected().cloned();
    play_pause_at(state, track, effects);
}

/// Pauses what plays. Else it goes on where the track under the cursor was paused, or plays that one from its start.
pub(super) fn play_pause_at(state: &mut State, track: Option<Arc<Track>>, effects: &mut Vec<Effect>) {
    // Whatever the cursor was about to play, this is what is wanted now.
    state.player.audition_at = None;
    match state.player.phase {
        Phase::Loading | Phase::Playing | Phase::Buffering => {
            state.player.position = state.player.here(state.now);
            state.player.phase = Phase::Paused;
            state.player.peak_wanted = false;
            effects.push(Effect::Audio(Command::Pause));
        }
        Phase::Paused if is_paused(state, track.as_deref()) => {
            state.player.go_on();
            effects.push(Effect::Audio(Command::Resume));
        }
        _ => {
            if let Some(track) = track {
                play(state, track, Duration::ZERO, effects);
            }
        }
    }
}

/// Whether this is the track that was paused; with none to choose, it is.
fn is_paused(state: &State, track: Option<&Track>) -> bool {
    match (&state.player.track, track) {
        (Some(paused), Some(track)) => paused.id == track.id,
        _ => true,
    }
}

/// Plays a track, and has its neighbours fetched.
pub(super) fn play(state: &mut State, track: Arc<Track>, start: Duration, effects: &mut Vec<Effect>) {
    state.player.audition_at = None;
    let ticket = state.next_number();
    let url = track.preview_url.clone();
    let player = &mut state.player;
    let another = player.track.as_ref().is_none_or(|before| before.id != track.id);
    if another {
        player.waveform = Arc::default();
        player.analysis = None;
        player.features = None;
        player.length = None;
        player.hit = None;
        if player.loop_in.take().is_some() | player.loop_out.take().is_some() {
            effects.push(Effect::Audio(Command::Loop(None, None)));
        }
    }
    player.track = Some(track);
    player.ticket = ticket;
    player.started = false;
    player.position = start;
    player.position_at = state.now;
    player.seeking = None;
    player.peak_wanted = false;
    analyses::recall(state);
    let player = &mut state.player;
    let Some(url) = url else {
        player.phase = Phase::Failed("this track has no preview".into());
        effects.push(Effect::Audio(Command::Stop));
        return;
    };
    player.phase = Phase::Loading;
    effects.push(Effect::Audio(Command::Play {
        ticket: Ticket(ticket),
        url,
        start,
    }));
    effects.push(Effect::Audio(Command::Prefetch(neighbours(state))));
    analyses::look_up(state, effects);
}

/// Previews of the rows the cursor is likely to reach next.
fn neighbours(state: &State) -> Vec<String> {
    let at = state.results.selected;
    let below = (1..=AHEAD).map(|step| at.checked_add(step));
    let above = (1..=AHEAD).map(|step| at.checked_sub(step));
    let rows: Vec<Option<usize>> = if state.player.upwards {
        above.chain(below.take(1)).collect()
    } else {
        below.chain(above.take(1)).collect()
    };
    rows.into_iter()
        .flatten()
        .filter_map(|row| state.results.track(row)?.preview_url.clone())
        .collect()
}

/// Seeks to a share of the length, 0 to 1.
pub(super) fn seek_to_share(state: &mut State, share: f64, effects: &mut Vec<Effect>) {
    if let Some(length) = state.player.length {
        seek(state, length.mul_f64(share.clamp(0.0, 1.0)), effects);
    }
}

pub(super) fn seek_by(state: &mut State, seconds: f64, effects: &mut Vec<Effect>) {
    let at = (state.player.here(state.now).as_secs_f64() + seconds).max(0.0);
    seek(state, Duration::from_secs_f64(at), effects);
}

pub(super) fn seek(state: &mut State, to: Duration, effects: &mut Vec<Effect>) {
    // A seek past the end stops just before it, so that there is something to hear.
    let end = state
        .player
        .length
        .map_or(to, |length| length.saturating_sub(Duration::from_millis(500)));
    let to = to.min(end);
    state.player.peak_wanted = false;
    match (&state.player.phase, state.player.track.clone()) {
        (Phase::Idle | Phase::Failed(_), _) | (_, None) => {}
        (Phase::Ended, Some(track)) => play(state, track, to, effects),
        _ => {
            state.player.sought(to, state.now);
            effects.push(Effect::Audio(Command::Seek(to)));
        }
    }
}

fn set_loop(state: &mut State, start: bool, effects: &mut Vec<Effect>) {
    let here = state.player.here(state.now);
    let player = &mut state.player;
    if player.track.is_none() {
        return;
    }
    if start {
        player.loop_in = Some(here);
        player.loop_out = player.loop_out.filter(|out| *out > here);
    } else {
        player.loop_out = Some(here);
        player.loop_in = player.loop_in.filter(|from| *from < here);
        player.repeat = true;
        effects.push(Effect::Audio(Command::Repeat(true)));
    }
    effects.push(Effect::Audio(Command::Loop(player.loop_in, player.loop_out)));
}

pub(super) fn set_volume(state: &mut State, percent: u8, effects: &mut Vec<Effect>) {
    state.player.volume = percent;
    state.player.muted = false;
    effects.push(volume(state));
    effects.push(Effect::RememberVolume(percent));
}

/// The loudness the player shall have now.
pub(super) fn volume(state: &State) -> Effect {
    let loudness = if state.player.muted {
        0.0
    } else {
        f32::from(state.player.volume) / 100.0
    };
    Effect::Audio(Command::Volume(loudness))
}

/// The player says something.
pub(super) fn event(state: &mut State, event: Event, effects: &mut Vec<Effect>) {
    let of_now = |ticket: Ticket| ticket.0 == state.player.ticket;
    match event {
        Event::Started(ticket) if of_now(ticket) => {
            state.player.started = true;
            if state.player.phase == Phase::Loading {
                state.player.phase = Phase::Playing;
            }
            if let Some(track) = &state.player.track
                && state.marks.heard.insert(track.id.clone())
            {
                effects.push(Effect::MarkHeard(track.id.clone()));
            }
        }
        Event::Buffering(ticket) if of_now(ticket) && state.player.phase == Phase::Playing => state.player.phase = Phase::Buffering,
        Event::Resumed(ticket) if of_now(ticket) && state.player.phase == Phase::Buffering => state.player.phase = Phase::Playing,
        Event::Position(ticket, place) if of_now(ticket) => state.player.told(place, state.now),
        Event::Length(ticket, length) if of_now(ticket) => state.player.length = Some(length),
        Event::Waveform(ticket, waveform) if of_now(ticket) => state.player.waveform = waveform,
        Event::Analysed(url, analysis) => analyses::found(state, &url, analysis, effects),
        Event::Examined(ticket, features) if of_now(ticket) => state.player.features = Some(features),
        // Sent somewhere in the moment when it ends, it plays on from there.
        Event::Ended(ticket) if of_now(ticket) && state.player.seeking.is_none() => {
            state.player.phase = Phase::Ended;
            state.player.position = state.player.length.unwrap_or(state.player.position);
        }
        Event::Failed(ticket, reason, _) if of_now(ticket) => state.player.phase = Phase::Failed(reason),
        Event::Device(DeviceEvent::Opened) => state.player.device = Device::Open,
        Event::Device(DeviceEvent::Released) => state.player.device = Device::Idle,
        Event::Device(DeviceEvent::Silent(reason)) => state.player.device = Device::Silent(reason),
        Event::Device(DeviceEvent::RanDry(times)) => state.player.underruns = times,
        _ => {}
    }
}
