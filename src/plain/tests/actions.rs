//! Every action of the screen is a line that does something, and is told of.

use super::*;
use crate::input::Action;
use crate::library::{Entry, Project};
use crate::state::TourStep;

/// Actions of which nothing is told at once: what they ask for tells it when it comes.
const TOLD_BY_THEIR_ANSWER: [Action; 8] = [
    // The server, the ledger or the library answers.
    Action::Account,
    Action::Usage,
    Action::Receipts,
    Action::Shortlists,
    Action::Alike,
    // The price is told once it is known whether the track is owned.
    Action::Download,
    // So is the clip, once the preview was listened to.
    Action::FitClip,
    Action::HitPoint,
];

#[test]
fn every_action_of_the_screen_is_told_of_or_asks_for_what_is_told() {
    for among_tracks in [false, true] {
        for action in Action::ALL {
            let mut talk = if among_tracks {
                Talk::among_tracks(From::Terminal)
            } else {
                Talk::new(From::Terminal)
            };
            let before = talk.wanted.borrow().len();
            let name = action.name();
            let said = talk.say(name);
            assert!(!said.contains("is no word here"), "{name}: {said}");
            let asks = TOLD_BY_THEIR_ANSWER.contains(action) && talk.wanted.borrow().len() > before;
            // It leaves at once, as ^c does, and so has nothing to say.
            let leaves = *action == Action::Interrupt && talk.plain.state.leaving == Leaving::Now;
            assert!(!said.is_empty() || asks || leaves, "{name} does nothing");
            // What has no words of its own would take the next lines, and none of them would reach it.
            let open = talk.plain.state.popups.last();
            assert!(
                !matches!(
                    open,
                    Some(Popup::Help(_) | Popup::Palette(_) | Popup::Picker(_) | Popup::Error(_) | Popup::Briefs(_) | Popup::Tasks(_))
                ),
                "{name} opens what no line can reach: {open:?}"
            );
            for key in ["Enter", "Esc", "F5", "press", "Press", "query box", ": B ", "L has"] {
                assert!(!said.contains(key), "{name} names a key: {said}");
            }
            assert_eq!(talk.spends(), usize::from(among_tracks), "{name}");
        }
    }
}

#[test]
fn the_help_has_every_action_by_its_name() {
    let mut talk = Talk::new(From::Terminal);
    let said = talk.say("help actions");
    let names: Vec<_> = said.lines().filter_map(|line| line.split([':', ' ']).next()).collect();
    let all: Vec<_> = Action::ALL.iter().map(|action| action.name()).collect();
    assert_eq!(names, all);
    assert!(said.contains("filter-clear-all: the same as filter clear"), "{said}");
    let said = talk.say("help into-rows");
    assert_eq!(said.trim(), "into-rows: the same as list");
}

#[test]
fn what_is_taken_off_a_shortlist_is_put_back_by_undo() {
    let mut talk = Talk::new(From::Terminal);
    let said = talk.say("undo");
    assert!(said.contains("say shortlists"), "{said}");
    talk.say("shortlists");
    let project = Project {
        name: talk.plain.state.project.clone(),
        entries: (1..=2)
            .map(|number| Entry {
                track: heard_track(number),
                note: String::new(),
            })
            .collect(),
        ..Project::default()
    };
    talk.hear(Message::Project(Ok(Box::new(project))));
    let said = talk.say("remove");
    assert!(said.contains("1: Title 2 by Ada") && !said.contains("Title 1"), "{said}");
    let said = talk.say("undo");
    assert!(
        said.contains("1: Title 1 by Ada, here") && said.contains("2: Title 2 by Ada"),
        "{said}"
    );
    let said = talk.say("undo");
    assert!(said.contains("Nothing was taken off"), "{said}");
}

#[test]
fn a_clip_of_what_is_not_owned_says_by_which_words_it_can_be() {
    let mut talk = Talk::among_tracks(From::Terminal);
    talk.say("clip 1");
    talk.not_owned();
    let said = talk.say("cut");
    assert!(said.contains("Say close, then download"), "{said}");
    assert_eq!(talk.count(|effect| matches!(effect, Effect::Cut(_))), 0);
}

fn newcomer(from: From) -> (Talk, String) {
    let mut talk = Talk::new(from);
    let said = talk.hear(Message::Remembered(Box::default()));
    (talk, said)
}

#[test]
fn at_a_terminal_the_tour_is_told_step_by_step_and_ends_by_its_word() {
    let (mut talk, said) = newcomer(From::Terminal);
    assert!(said.contains("Tour, step 1 of 6: say search"), "{said}");
    talk.say("search calm piano");
    talk.priced();
    talk.later();
    talk.say("ask");
    talk.answered_with((1..=3).map(heard_track).collect());
    assert_eq!(talk.plain.told.tour, Some(TourStep::Hear));
    let said = talk.say("list");
    assert!(!said.contains("Tour"), "a step is told once: {said}");
    let said = talk.say("next");
    assert!(said.contains("Tour, step 3 of 6: say filter"), "{said}");
    let taken = |talk: &Talk| talk.count(|effect| *effect == Effect::RememberTour);
    assert_eq!(taken(&talk), 0);
    let said = talk.say("tour");
    assert!(said.contains("Say tour to start it again"), "{said}");
    assert_eq!((talk.plain.state.tour, taken(&talk)), (None, 1));
    // What is done already is not asked for again.
    let said = talk.say("tour");
    assert!(said.contains("Tour, step 3 of 6"), "{said}");
}

#[test]
fn in_a_pipe_nobody_is_led_and_the_tour_of_the_screen_is_not_taken() {
    let (mut talk, said) = newcomer(From::Pipe);
    assert_eq!((said.as_str(), talk.plain.state.tour), ("", None));
    let said = talk.say("tour");
    assert!(said.contains("Tour, step 1 of 6"), "who asks for it has it: {said}");
}

#[test]
fn only_a_terminal_is_rung_or_has_a_clipboard() {
    for (from, times) in [(From::Terminal, 1), (From::Pipe, 0)] {
        let mut talk = Talk::among_tracks(from);
        let said = talk.say("copy 1");
        assert!(said.contains("Copied trk_1"), "{said}");
        assert_eq!(talk.count(|effect| matches!(effect, Effect::Copy(_))), times);
        bought(&mut talk);
        let id = talk.plain.state.downloads[0].id;
        let said = talk.hear(Message::Download(id, failed()));
        assert!(said.contains("Error: the disk is full"), "{said}");
        assert_eq!(talk.count(|effect| matches!(effect, Effect::Notify(_))), times);
    }
}
