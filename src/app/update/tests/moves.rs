//! Popups move by the keys that move in the results, and keep their own.

use super::*;
use crate::api::{DownloadRequest, TrackId};
use crate::library::Alike;
use crate::state::{BriefList, Ownership, Popup};

/// The keys of the user over the default ones.
fn keymap(section: &str) -> Arc<Keymap> {
    Arc::new(Keymap::customised(&toml::from_str(section).unwrap()).unwrap().0)
}

const OTHERS: &str = "[results]\ndown = ['w', 'ctrl-n']\nup = ['z', 'ctrl-p']\nfirst = 'ctrl-t'\nlast = 'ctrl-o'\npage-down = 'ctrl-Down'";

fn alike() -> Desk {
    let mut desk = Desk::with_tracks(3);
    let found = (1..4).map(|number| Alike {
        track: Arc::new(track(number)),
        likeness: 0.5,
        why: vec![],
    });
    desk.keys("M").send(Message::Alike(track(0).id, Ok(found.collect())));
    desk
}

fn shortlist() -> Desk {
    let mut desk = Desk::with_tracks(3);
    desk.keys("S").read(project("Film", 0..3));
    desk
}

/// A download is asked about, and nothing is owned.
fn question() -> Desk {
    let mut desk = Desk::with_tracks(2);
    let request = DownloadRequest {
        track_id: TrackId::new("trk_0").unwrap(),
        clip: None,
    };
    desk.keys("d").send(Message::Owned(request, Ownership::New)).later(1000);
    desk
}

fn tasks() -> Desk {
    let mut desk = question();
    desk.keys("yJ");
    desk
}

fn briefs() -> Desk {
    let mut desk = Desk::with_tracks(1);
    desk.state.briefs = Some(BriefList::default());
    desk.keys("B");
    desk
}

fn with_a_popup(keys: &str) -> Desk {
    let mut desk = Desk::with_tracks(3);
    desk.keys(keys);
    desk
}

fn cursor(desk: &Desk) -> usize {
    match desk.state.popups.last() {
        Some(Popup::Alike(view)) => view.cursor,
        Some(Popup::Shortlist(view)) => view.cursor,
        Some(Popup::Palette(palette)) => palette.cursor,
        Some(Popup::Picker(picker)) => picker.cursor,
        Some(Popup::Help(help)) => help.scroll,
        other => panic!("{other:?}"),
    }
}

#[test]
fn lists_move_by_the_keys_of_the_results_and_always_by_the_arrows() {
    for open in [alike, shortlist] {
        let mut desk = open();
        desk.state.keymap = keymap(OTHERS);
        let mut after = |key: KeyPress| cursor(desk.later(1000).press(key));
        assert_eq!([after(KeyPress::char('w')), after(KeyPress::ctrl('n'))], [1, 2]);
        assert_eq!([after(KeyPress::char('z')), after(KeyPress::ctrl('p'))], [1, 0]);
        assert_eq!([after(KeyPress::ctrl('o')), after(KeyPress::ctrl('t'))], [2, 0]);
        assert_eq!([after(KeyPress::plain(Key::Down)), after(KeyPress::plain(Key::Up))], [1, 0]);
        assert_eq!([after(KeyPress::plain(Key::PageDown)), after(KeyPress::plain(Key::Home))], [2, 0]);
        let by_a_page = KeyPress {
            ctrl: true,
            ..KeyPress::plain(Key::Down)
        };
        assert_eq!(after(by_a_page), 2);
    }
    // What moves no more in the results moves no more here.
    let mut desk = alike();
    desk.state.keymap = keymap(OTHERS);
    desk.keys("j");
    assert!(desk.state.popups.is_empty(), "as any other key it closes the list");
}

#[test]
fn pages_scroll_by_the_keys_of_the_results() {
    let mut desk = with_a_popup("");
    desk.send(Message::Resize(80, 24));
    desk.state.keymap = keymap(OTHERS);
    desk.keys("?ww");
    assert_eq!(cursor(&desk), 2);
    assert_eq!(cursor(desk.keys("z")), 1);
    let last = crate::ui::furthest_scroll(&desk.state);
    assert_eq!(cursor(desk.press(KeyPress::ctrl('o'))), last);
    assert_eq!(cursor(desk.press(KeyPress::ctrl('t'))), 0);
    desk.keys("j");
    assert!(desk.state.popups.is_empty());
}

#[test]
fn what_is_typed_into_a_box_stays_text() {
    for keys in [":", "f"] {
        let mut desk = with_a_popup(keys);
        if keys == "f" {
            desk.key(Key::Enter);
        }
        desk.state.keymap = keymap(OTHERS);
        assert_eq!(cursor(desk.press(KeyPress::ctrl('n'))), 1);
        assert_eq!(cursor(desk.press(KeyPress::ctrl('p'))), 0);
        desk.keys("w");
        let typed = match desk.state.popups.last() {
            Some(Popup::Palette(palette)) => palette.input.value(),
            Some(Popup::Picker(picker)) => picker.input.value(),
            other => panic!("{other:?}"),
        };
        assert_eq!(typed, "w");
    }
    let mut desk = shortlist();
    desk.state.keymap = keymap(OTHERS);
    desk.keys("nwz").key(Key::Enter);
    let Some(Popup::Shortlist(view)) = desk.state.popups.last() else {
        panic!("the shortlist is open")
    };
    assert_eq!((view.entries[0].note.as_str(), view.cursor), ("wz", 0));
}

#[test]
fn the_answers_of_a_question_are_no_moves() {
    for (keys, bought) in [("y", 1), ("n", 0)] {
        let mut desk = question();
        desk.state.keymap = keymap("[results]\ndown = ['y', 'n']");
        desk.keys(keys);
        let effects = desk.taken();
        let buys = effects.iter().filter(|effect| matches!(effect, Effect::Download { .. })).count();
        assert_eq!((buys, desk.state.popups.len()), (bought, 0), "{keys}");
    }
}

/// What a character does in a popup: what the popups are after it, and the effects.
fn done(mut desk: Desk, c: char) -> (String, Vec<Effect>) {
    desk.taken();
    desk.keys(&c.to_string());
    (format!("{:?}", desk.state.popups), desk.taken())
}

#[test]
fn what_a_character_does_in_a_popup_no_move_takes_from_it() {
    let popups: [fn() -> Desk; 8] = [
        alike,
        shortlist,
        tasks,
        briefs,
        || with_a_popup("?"),
        || with_a_popup("u"),
        || with_a_popup("L"),
        || with_a_popup("t"),
    ];
    for open in popups {
        for c in (' '..='~').filter(|c| !"jkgG".contains(*c)) {
            let desk = open();
            let before = format!("{:?}", desk.state.popups);
            let owns = desk.state.popups.last().unwrap().owns(&KeyPress::char(c));
            let (after, effects) = done(desk, c);
            let closes = after == "[]";
            let does_something = after != before || !effects.is_empty();
            assert!(owns || closes || !does_something, "{c:?} in {before}");
            if owns {
                let mut desk = open();
                desk.state.keymap = keymap(&format!("[results]\ndown = ['{c}', 'j']"));
                assert_eq!(done(desk, c), (after, effects), "{c:?} in {before}");
            }
        }
    }
}
