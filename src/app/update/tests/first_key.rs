//! A first start without a key: where the one that is given is kept.

use super::Desk;
use crate::api::ApiKey;
use crate::app::{Effect, Message};
use crate::config::{KeepIn, KeyPlace};
use crate::input::{Key, KeyPress};
use crate::state::Popup;

const KEY: &str = "trackyard_live_of_a_test";

/// The box for the key is open.
fn at_the_box(no_keyring: Option<&str>) -> Desk {
    let mut desk = Desk::new();
    desk.send(Message::NoKey {
        no_keyring: no_keyring.map(ToOwned::to_owned),
        problem: None,
    });
    desk.keys("k");
    desk
}

fn given(desk: &mut Desk) -> Vec<Effect> {
    desk.taken();
    desk.send(Message::Paste(format!("{KEY}\n"))).key(Key::Enter);
    assert!(desk.state.popups.is_empty());
    desk.taken()
}

fn used(keep: KeepIn) -> Vec<Effect> {
    let key = ApiKey::new(KEY).unwrap();
    vec![Effect::UseKey { key, keep }]
}

#[test]
fn it_is_kept_in_the_file_or_by_one_key_in_the_keyring() {
    for (tabs, keep) in [(0, KeepIn::File), (1, KeepIn::Keyring), (2, KeepIn::File), (3, KeepIn::Keyring)] {
        let mut desk = at_the_box(None);
        for _ in 0..tabs {
            desk.key(Key::Tab);
        }
        // A key that is typed anew goes where the last one would have gone.
        desk.keys("wrong").press(KeyPress::ctrl('u'));
        assert_eq!(given(&mut desk), used(keep), "{tabs}");
    }
}

#[test]
fn without_a_keyring_there_is_but_the_file() {
    let mut desk = at_the_box(Some("no tool"));
    desk.key(Key::Tab).key(Key::Esc).keys("k").key(Key::BackTab);
    let Some(Popup::NoKey(entry)) = desk.state.popups.last() else {
        panic!("{:?}", desk.state.popups)
    };
    assert_eq!((entry.keep(), entry.no_keyring()), (KeepIn::File, Some("no tool")));
    assert_eq!(given(&mut desk), used(KeepIn::File));
}

#[test]
fn why_the_keyring_gave_none_is_shown_with_the_choice_and_not_with_the_box() {
    let mut desk = Desk::new();
    desk.send(Message::NoKey {
        no_keyring: None,
        problem: Some("locked".into()),
    });
    let problem = |desk: &Desk| match desk.state.popups.last() {
        Some(Popup::NoKey(entry)) => entry.problem.clone(),
        _ => panic!("{:?}", desk.state.popups),
    };
    assert_eq!(problem(&desk).as_deref(), Some("locked"));
    desk.keys("k");
    assert_eq!(problem(&desk), None);
}

#[test]
fn the_account_says_where_the_key_was_found() {
    let mut desk = Desk::new();
    desk.send(Message::KeyFrom(KeyPlace::Keyring));
    assert_eq!(desk.state.account.key_place.as_deref(), Some("the keyring"));
}
