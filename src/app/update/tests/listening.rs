//! Moving and sound: only the user's own keys change what is heard.

use std::time::Duration;

use super::*;
use crate::audio::{Analysis, Command, DeviceEvent, Event, Fault, Ticket, Waveform};
use crate::state::Phase;

#[test]
fn moving_plays_what_the_cursor_reaches_and_fetches_what_comes_next() {
    let mut desk = Desk::with_tracks(10);
    desk.keys("j");
    let effects = desk.taken();
    assert_eq!(Desk::plays(&effects), ["1"]);
    let ahead = effects.iter().find_map(|effect| {
        if let Effect::Audio(Command::Prefetch(urls)) = effect {
            Some(urls.clone())
        } else {
            None
        }
    });
    assert_eq!(ahead.unwrap(), ["http://cdn/2", "http://cdn/3", "http://cdn/0"]);
}

/// The previews that are wanted before they are played, in the order of the wishes.
fn fetched_ahead(effects: &[Effect]) -> Vec<&str> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Audio(Command::Prefetch(urls)) => Some(urls),
            _ => None,
        })
        .flatten()
        .filter_map(|url| url.rsplit('/').next())
        .collect()
}

#[test]
fn a_held_key_plays_the_first_row_and_the_one_where_it_ends() {
    let mut desk = Desk::with_tracks(100);
    desk.later(1000);
    for _ in 0..60 {
        desk.later(30).press(KeyPress::char('j'));
    }
    let held = desk.taken();
    assert_eq!(Desk::plays(&held), ["1"]);
    assert_eq!(fetched_ahead(&held), ["2", "3", "0"]);
    let wake = crate::app::next_wake(&desk.state).unwrap();
    desk.now = wake.0;
    desk.send(Message::Wake);
    let rested = desk.taken();
    assert_eq!(Desk::plays(&rested), ["60"]);
    assert_eq!(fetched_ahead(&rested), ["61", "62", "59"], "eight previews for sixty rows");
    assert_eq!(crate::app::next_wake(&desk.state), None, "and then nothing ticks");
}

#[test]
fn the_rows_that_the_cursor_goes_towards_are_fetched_first() {
    let mut desk = Desk::with_tracks(10);
    desk.keys("jjj").taken();
    desk.keys("k");
    assert_eq!(fetched_ahead(&desk.taken()), ["1", "0", "3"]);
    desk.keys("j");
    assert_eq!(fetched_ahead(&desk.taken()), ["4", "5", "2"]);
}

#[test]
fn where_a_held_key_ends_nothing_plays_that_was_paused_or_whose_row_is_gone() {
    let hold = |desk: &mut Desk| {
        desk.later(1000);
        for _ in 0..5 {
            desk.later(30).press(KeyPress::char('j'));
        }
        desk.taken();
    };
    let rests = |desk: &mut Desk| {
        desk.later(1000).send(Message::Wake);
        Desk::plays(&desk.taken())
    };
    let mut desk = Desk::with_tracks(50);
    hold(&mut desk);
    assert_eq!(rests(&mut desk), ["5"]);
    hold(&mut desk);
    desk.later(10).press(KeyPress::char(' '));
    assert!(rests(&mut desk).is_empty());
    assert_eq!(desk.state.player.phase, Phase::Paused);
    desk.keys("/s").key(Key::Enter);
    let generation = desk.asked();
    hold(&mut desk);
    desk.answer(generation, page(3));
    assert!(rests(&mut desk).is_empty(), "the cursor did not go to the first of the new rows");
}

#[test]
fn arriving_results_sorting_and_filters_leave_the_sound_alone() {
    let mut desk = Desk::with_tracks(10);
    desk.keys("jss").keys("fjjjl");
    assert_eq!(Desk::plays(&desk.taken()), ["1"]);
}

#[test]
fn esc_never_stops_the_sound() {
    let mut desk = Desk::with_tracks(3);
    desk.keys("j").taken();
    desk.key(Key::Esc).key(Key::Esc).keys("/").key(Key::Esc);
    assert!(!desk.taken().iter().any(|effect| matches!(effect, Effect::Audio(_))));
}

#[test]
fn c_copies_the_id_then_the_credit_line_then_the_file_of_an_owned_track() {
    let mut desk = Desk::with_tracks(3);
    desk.keys("j").taken();
    let copied = |desk: &mut Desk| {
        desk.keys("c");
        let effects = desk.taken();
        effects
            .into_iter()
            .map(|effect| match effect {
                Effect::Copy(text) => text,
                Effect::CopyPath(id) => format!("the file of {id}"),
                other => panic!("{other:?}"),
            })
            .collect::<Vec<_>>()
    };
    let id = desk.state.selected().unwrap().id.clone();
    let first = copied(&mut desk);
    assert_eq!(first, [id.to_string()]);
    let line = copied(&mut desk);
    assert!(line[0].contains("licensed through Trackyard"), "{line:?}");
    assert_eq!(copied(&mut desk), first, "it is not owned: the round begins anew");
    desk.state.marks.owned.insert(id.clone());
    copied(&mut desk);
    assert_eq!(copied(&mut desk), [format!("the file of {id}")]);
    desk.send(Message::FileOf(Some("/music/it.mp3".into())));
    assert!(matches!(&desk.taken()[..], [Effect::Copy(path)] if path == "/music/it.mp3"));
    desk.keys("j").taken();
    assert_eq!(
        copied(&mut desk),
        [desk.state.selected().unwrap().id.to_string()],
        "another track begins with its id"
    );
}

#[test]
fn space_pauses_and_goes_on() {
    let mut desk = Desk::with_tracks(3);
    desk.keys("j ");
    assert_eq!(desk.state.player.phase, Phase::Paused);
    desk.keys(" ");
    let commands: Vec<_> = desk
        .taken()
        .into_iter()
        .filter(|effect| matches!(effect, Effect::Audio(Command::Pause | Command::Resume)))
        .collect();
    assert_eq!(commands, [Effect::Audio(Command::Pause), Effect::Audio(Command::Resume)]);
}

#[test]
fn a_pause_hides_neither_that_it_loads_nor_that_it_waits() {
    let mut desk = Desk::with_tracks(3);
    desk.keys("j  ");
    assert_eq!(desk.state.player.phase, Phase::Loading);
    let ticket = Ticket(desk.state.player.ticket);
    desk.send(Message::Audio(Event::Started(ticket))).keys("  ");
    assert_eq!(desk.state.player.phase, Phase::Playing);
    // The player tells it again.
    desk.send(Message::Audio(Event::Buffering(ticket)))
        .keys("  ")
        .send(Message::Audio(Event::Buffering(ticket)));
    assert_eq!(desk.state.player.phase, Phase::Buffering);
    // The first sound was on its way when the key came.
    desk.keys("j ");
    let ticket = Ticket(desk.state.player.ticket);
    desk.send(Message::Audio(Event::Started(ticket)));
    assert_eq!(desk.state.player.phase, Phase::Paused);
    desk.keys(" ");
    assert_eq!(desk.state.player.phase, Phase::Playing);
}

#[test]
fn moving_plays_also_after_a_pause() {
    let mut desk = Desk::with_tracks(3);
    desk.keys("j j");
    assert_eq!(Desk::plays(&desk.taken()), ["1", "2"]);
}

#[test]
fn without_auto_audition_only_enter_plays() {
    let mut desk = Desk::with_tracks(3);
    desk.keys("Aj");
    assert!(Desk::plays(&desk.taken()).is_empty());
    desk.key(Key::Enter);
    assert_eq!(Desk::plays(&desk.taken()), ["1"]);
}

#[test]
fn seeking_stays_inside_the_preview() {
    let mut desk = Desk::with_tracks(2);
    desk.keys("j");
    let ticket = Ticket(desk.state.player.ticket);
    desk.send(Message::Audio(Event::Length(ticket, Duration::from_secs(30))));
    desk.taken();
    desk.keys("h5l.0,");
    let seeks: Vec<f64> = desk
        .taken()
        .iter()
        .filter_map(|effect| {
            if let Effect::Audio(Command::Seek(to)) = effect {
                Some(to.as_secs_f64())
            } else {
                None
            }
        })
        .collect();
    assert_eq!(seeks, [0.0, 15.0, 20.0, 29.5, 0.0, 0.0]);
}

#[test]
fn places_told_before_a_seek_or_a_pause_do_not_undo_it() {
    let mut desk = Desk::with_tracks(2);
    desk.keys("j");
    let ticket = Ticket(desk.state.player.ticket);
    let told = |millis| Message::Audio(Event::Position(ticket, Duration::from_millis(millis)));
    desk.send(Message::Audio(Event::Started(ticket)))
        .send(Message::Audio(Event::Length(ticket, Duration::from_secs(30))))
        .send(told(2_000));
    desk.taken();
    // Keys come before what the player has told already.
    desk.press(KeyPress::char('5')).send(told(2_100));
    assert_eq!(desk.state.player.position, Duration::from_secs(15));
    desk.press(KeyPress::char('l')).send(told(2_200)).send(told(15_000));
    assert_eq!(seeks(&desk.taken()), [15, 20], "the next one counts from where it was sent");
    assert_eq!(desk.state.player.position, Duration::from_secs(20));
    // Nor does an end that was told before.
    desk.send(Message::Audio(Event::Ended(ticket)));
    assert_eq!(desk.state.player.phase, Phase::Playing);
    desk.send(told(20_000)).send(told(20_100));
    assert_eq!(desk.state.player.position, Duration::from_millis(20_100));
    desk.press(KeyPress::char(' ')).send(told(20_050));
    assert_eq!(desk.state.player.position, Duration::from_millis(20_100), "paused, it stays");
    desk.press(KeyPress::char('0')).send(told(0));
    assert_eq!((desk.state.player.position, desk.state.player.seeking), (Duration::ZERO, None));
    desk.press(KeyPress::char(' ')).send(told(100));
    assert_eq!(desk.state.player.position, Duration::from_millis(100));
    desk.send(Message::Audio(Event::Ended(ticket)));
    assert_eq!(desk.state.player.phase, Phase::Ended);
}

#[test]
fn events_of_an_earlier_track_change_nothing() {
    let mut desk = Desk::with_tracks(3);
    let old = Ticket(desk.state.player.ticket);
    desk.keys("j")
        .send(Message::Audio(Event::Failed(old, "late".into(), Fault::Music)))
        .send(Message::Audio(Event::Position(old, Duration::from_secs(9))));
    assert_eq!(desk.state.player.phase, Phase::Loading);
    assert_eq!(desk.state.player.position, Duration::ZERO);
}

#[test]
fn what_sounded_is_heard_and_n_finds_what_did_not() {
    let mut desk = Desk::with_tracks(4);
    let ticket = Ticket(desk.state.player.ticket);
    desk.send(Message::Audio(Event::Started(ticket)));
    assert_eq!(desk.taken(), [Effect::MarkHeard(track(0).id)]);
    desk.keys("j");
    let ticket = Ticket(desk.state.player.ticket);
    desk.send(Message::Audio(Event::Started(ticket))).keys("gn");
    assert_eq!(desk.state.results.selected, 2);
}

#[test]
fn volume_moves_in_steps_mutes_and_is_remembered() {
    let mut desk = Desk::with_tracks(1);
    desk.keys("-_");
    let effects = desk.taken();
    assert!(effects.contains(&Effect::Audio(Command::Volume(0.75))) && effects.contains(&Effect::RememberVolume(75)));
    assert!(effects.contains(&Effect::Audio(Command::Volume(0.0))));
    desk.keys(&"+".repeat(30));
    assert_eq!((desk.state.player.volume, desk.state.player.muted), (100, false));
}

#[test]
fn the_cursor_is_always_in_view() {
    let mut desk = Desk::with_tracks(100);
    for keys in ["G", "k", "g", "jjjj", "G"] {
        desk.keys(keys);
        let height = crate::ui::results_height(&desk.state).max(1);
        let results = &desk.state.results;
        assert!((results.offset..results.offset + height).contains(&results.selected), "{keys}");
        desk.send(Message::Resize(40, 12)).send(Message::Resize(140, 42));
    }
}

#[test]
fn a_track_without_a_preview_says_so_and_stops_the_one_before() {
    let mut desk = Desk::with_tracks(1);
    let mut silent = track(1);
    silent.preview_url = None;
    desk.keys("/s").key(Key::Enter);
    let generation = desk.asked();
    desk.answer(
        generation,
        SearchPage {
            tracks: vec![silent],
            skipped: 0,
            received: 1,
        },
    );
    assert!(matches!(desk.state.player.phase, Phase::Failed(_)));
    assert!(desk.taken().contains(&Effect::Audio(Command::Stop)));
}

/// A preview of half a minute that peaks at this second.
fn analysis(peak: u64) -> Arc<Analysis> {
    Arc::new(Analysis {
        waveform: Arc::new(Waveform {
            levels: vec![0.5; 600],
            loudness: Some(-14.0),
            complete: true,
        }),
        length: Duration::from_secs(30),
        true_peak: Some(-1.0),
        head: Duration::ZERO,
        tail: Duration::ZERO,
        peak: Some(Duration::from_secs(peak)),
        bytes: 480_000,
    })
}

fn seeks(effects: &[Effect]) -> Vec<u64> {
    let seek = |effect: &Effect| match effect {
        Effect::Audio(Command::Seek(to)) => Some(to.as_secs()),
        _ => None,
    };
    effects.iter().filter_map(seek).collect()
}

fn starts(effects: &[Effect]) -> Vec<u64> {
    let start = |effect: &Effect| match effect {
        Effect::Audio(Command::Play { start, .. }) => Some(start.as_secs()),
        _ => None,
    };
    effects.iter().filter_map(start).collect()
}

#[test]
fn what_was_found_out_is_kept_by_its_track_and_known_when_that_plays_again() {
    let mut desk = Desk::with_tracks(4);
    desk.taken();
    // Of the one that plays, and of one that was fetched ahead.
    desk.send(Message::Audio(Event::Analysed("http://cdn/0".into(), analysis(19))))
        .send(Message::Audio(Event::Analysed("http://cdn/2".into(), analysis(7))))
        .send(Message::Audio(Event::Analysed("http://elsewhere/9".into(), analysis(1))));
    let kept = |number: usize, peak| Effect::KeepAnalysis(track(number).id, analysis(peak));
    assert_eq!(desk.taken(), [kept(0, 19), kept(2, 7)], "what belongs to no row is not kept");
    assert_eq!(desk.state.player.length, Some(Duration::from_secs(30)));
    desk.keys("p");
    assert_eq!(seeks(&desk.taken()), [19]);
    desk.keys("jj");
    assert_eq!(desk.state.player.waveform.levels.len(), 600, "at once, before a byte is here");
    desk.keys("p");
    assert_eq!(seeks(&desk.taken()), [7]);
}

#[test]
fn what_the_library_knows_is_asked_for_around_the_cursor_and_handed_to_the_player() {
    let mut desk = Desk::with_tracks(20);
    let asked = |effects: &[Effect]| -> Vec<String> {
        let ids = |effect: &Effect| match effect {
            Effect::LookUpAnalyses(ids) => Some(ids.iter().map(ToString::to_string).collect::<Vec<_>>()),
            _ => None,
        };
        effects.iter().filter_map(ids).flatten().collect()
    };
    desk.send(Message::Analyses(vec![(track(0).id, analysis(19)), (track(1).id, analysis(7))]));
    let known = [("http://cdn/0".to_owned(), analysis(19)), ("http://cdn/1".to_owned(), analysis(7))];
    assert_eq!(desk.taken(), [Effect::Audio(Command::Known(known.to_vec()))]);
    assert_eq!(desk.state.player.peak(), Some(Duration::from_secs(19)));
    desk.keys("j");
    let then = asked(&desk.taken());
    assert_eq!(then, (2..=5).map(|number| track(number).id.to_string()).collect::<Vec<_>>());
}

#[test]
fn auditions_start_at_the_peak_if_wanted_and_enter_at_the_start() {
    let mut desk = Desk::with_tracks(4);
    desk.state.player.start_at_peak = true;
    desk.send(Message::Analyses(vec![(track(1).id, analysis(19))])).taken();
    desk.keys("j");
    assert_eq!(starts(&desk.taken()), [19]);
    desk.key(Key::Enter);
    assert_eq!(starts(&desk.taken()), [0]);
    // Nobody knows where this one peaks: it goes there if that is known soon.
    desk.keys("j");
    assert_eq!(starts(&desk.taken()), [0]);
    let ticket = Ticket(desk.state.player.ticket);
    desk.send(Message::Audio(Event::Started(ticket)))
        .send(Message::Audio(Event::Position(ticket, Duration::from_millis(800))))
        .send(Message::Audio(Event::Analysed("http://cdn/2".into(), analysis(12))));
    assert_eq!(seeks(&desk.taken()), [12]);
    // And not when much of it was heard, or the user went somewhere himself.
    for key in ["", "l"] {
        let mut desk = Desk::with_tracks(4);
        desk.state.player.start_at_peak = true;
        desk.keys("j").taken();
        let ticket = Ticket(desk.state.player.ticket);
        desk.send(Message::Audio(Event::Started(ticket)));
        let at = if key.is_empty() { 5_000 } else { 300 };
        desk.send(Message::Audio(Event::Position(ticket, Duration::from_millis(at))));
        desk.keys(key).taken();
        desk.send(Message::Audio(Event::Analysed("http://cdn/1".into(), analysis(12))));
        assert!(seeks(&desk.taken()).is_empty(), "{key:?}");
    }
}

#[test]
fn underruns_are_counted_and_a_larger_buffer_is_nothing_to_tell_about() {
    let mut desk = Desk::with_tracks(2);
    let said = desk.state.status.said;
    desk.send(Message::Audio(Event::Device(DeviceEvent::RanDry(1))))
        .send(Message::Audio(Event::Device(DeviceEvent::RanDry(2))))
        .send(Message::Audio(Event::Device(DeviceEvent::Widened(1_024))));
    assert_eq!(desk.state.status.said, said);
    assert_eq!(desk.state.player.underruns, 2);
    assert!(desk.taken().is_empty());
}

#[test]
fn e_evens_loudness_and_leaves_it_again() {
    let mut desk = Desk::with_tracks(1);
    desk.taken();
    desk.keys("ee");
    assert_eq!(desk.taken(), [true, false].map(|even| Effect::Audio(Command::Even(even))));
}

#[test]
fn a_loop_is_set_where_the_music_is_and_not_where_it_was_told_last() {
    let mut desk = Desk::with_tracks(1);
    let ticket = Ticket(desk.state.player.ticket);
    desk.send(Message::Audio(Event::Started(ticket)))
        .send(Message::Audio(Event::Length(ticket, Duration::from_secs(30))))
        .send(Message::Audio(Event::Position(ticket, Duration::from_secs(4))));
    desk.later(40).press(KeyPress::char('i'));
    assert_eq!(desk.state.player.loop_in, Some(Duration::from_millis(4_040)));
    desk.send(Message::Audio(Event::Position(ticket, Duration::from_secs(6))));
    desk.later(30).press(KeyPress::char('o'));
    assert_eq!(desk.state.player.loop_out, Some(Duration::from_millis(6_030)));
    assert!(desk.state.player.repeat);
    // Nothing was told for long: it stalls, and does not run on.
    desk.later(5_000).press(KeyPress::char('o'));
    assert!(desk.state.player.loop_out < Some(Duration::from_millis(6_150)));
    desk.press(KeyPress::char('r'));
    assert_eq!((desk.state.player.loop_in, desk.state.player.loop_out), (None, None));
}
