//! The keys of the guide, held against what they do, table by table and both ways: what is explained works where its table says, and what
//! works there is explained.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use trackyard_tui::app::{Message, update};
use trackyard_tui::clip::Features;
use trackyard_tui::input::{Context, Key, KeyPress, Keymap};
use trackyard_tui::state::{Ownership, Popup, State};

use super::{between_backticks, pages, popups, prose, states};

/// Tables of all keys of a place: page, heading, place. A place can have more than one.
const PLACES: [(&str, &str, Context); 5] = [
    ("docs/screen.md", "Anywhere but in a text box", Context::Global),
    ("docs/screen.md", "The query box", Context::Query),
    ("docs/screen.md", "The filters", Context::Filters),
    ("docs/screen.md", "The results", Context::Results),
    ("docs/auditioning.md", "Keys, in the results", Context::Results),
];

/// Tables that have some keys of the results, for who begins.
const CHOSEN: [(&str, &str); 2] = [("README.md", "The first keys"), ("docs/batches.md", "Brief by brief")];

/// Where the keys of a popup are explained: page, heading, the popup's name among the pictures.
const POPUPS: [(&str, &str, &str); 6] = [
    ("docs/library.md", "Shortlists", "shortlist"),
    ("docs/library.md", "Alike: `M`", "alike"),
    ("docs/batches.md", "Brief by brief", "briefs"),
    ("docs/clips.md", "Rehearse: `t`", "clip"),
    ("docs/spending.md", "Every spend has a row", "receipts"),
    ("docs/spending.md", "What is under way: `J`", "tasks"),
];

/// How a row begins that is about a popup, in a table that has keys of the results too.
const IN_POPUP: &str = "in that list";

/// A row of a table of keys.
struct Row {
    page: String,
    heading: String,
    cells: Vec<String>,
}

impl Row {
    fn is_of(&self, page: &str, heading: &str) -> bool {
        self.page == page && self.heading == heading
    }

    fn in_popup(&self) -> bool {
        self.cells.get(1).is_some_and(|cell| cell.starts_with(IN_POPUP))
    }

    /// The keys of its first column.
    fn keys(&self) -> Vec<(String, KeyPress)> {
        let known = keys();
        between_backticks(&self.cells[0])
            .map(|name| match known.get(&name) {
                Some(key) => (name, *key),
                None => panic!("{}, {}: {name} is no key", self.page, self.heading),
            })
            .collect()
    }
}

/// Every row of every table of keys.
fn rows() -> Vec<Row> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut rows = Vec::new();
    for (path, text) in pages() {
        let page = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
        let mut heading = String::new();
        // Whether the table that one is in has keys; `None` outside of tables.
        let mut has_keys = None;
        for line in prose(&text) {
            if line.starts_with('#') {
                line.trim_start_matches('#').trim().clone_into(&mut heading);
            }
            if !line.starts_with('|') {
                has_keys = None;
                continue;
            }
            let cells: Vec<String> = line
                .trim_matches(['|', ' '])
                .split(" | ")
                .map(|cell| cell.trim().to_owned())
                .collect();
            match has_keys {
                None => has_keys = Some(cells[0] == "key" || cells[0] == "on the screen"),
                Some(true) if !line.starts_with("|---") => rows.push(Row {
                    page: page.clone(),
                    heading: heading.clone(),
                    cells,
                }),
                Some(_) => {}
            }
        }
    }
    rows
}

/// What is said below a heading of a page, or below several of the same name.
fn section(page: &str, heading: &str) -> String {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap();
    let mut inside = false;
    let mut said = String::new();
    for line in prose(&text) {
        if line.starts_with('#') {
            inside = line.trim_start_matches('#').trim() == heading;
        } else if inside {
            said.push_str(line);
            said.push('\n');
        }
    }
    assert!(!said.is_empty(), "{page} has no {heading}");
    said
}

/// Every key that the guide may name, by its name.
fn keys() -> BTreeMap<String, KeyPress> {
    let named = [
        Key::Enter,
        Key::Esc,
        Key::Tab,
        Key::BackTab,
        Key::Backspace,
        Key::Delete,
        Key::Left,
        Key::Right,
        Key::Up,
        Key::Down,
        Key::Home,
        Key::End,
        Key::PageUp,
        Key::PageDown,
    ];
    let all = named.map(KeyPress::plain).into_iter();
    let all = all.chain((1..=12).map(|number| KeyPress::plain(Key::F(number))));
    let all = all.chain((' '..='~').map(KeyPress::char)).chain(('a'..='z').map(KeyPress::ctrl));
    all.map(|key| (key.to_string(), key)).collect()
}

#[test]
fn no_table_of_keys_is_left_out() {
    let rows = rows();
    assert!(rows.len() > 50, "only {} rows were found", rows.len());
    for row in rows {
        let place = PLACES.iter().any(|(page, heading, _)| row.is_of(page, heading));
        let chosen = CHOSEN.iter().any(|(page, heading)| row.is_of(page, heading));
        let popup = POPUPS.iter().any(|(page, heading, _)| row.is_of(page, heading));
        assert!(
            place || chosen || popup,
            "nothing checks {}, {}: {:?}",
            row.page,
            row.heading,
            row.cells
        );
    }
}

#[test]
fn the_tables_of_a_place_have_its_keys_and_no_others() {
    let keymap = Keymap::standard();
    let rows = rows();
    for context in Context::ALL {
        let tables = PLACES.iter().filter(|(_, _, of)| *of == context);
        let explained: Vec<(String, KeyPress)> = tables
            .flat_map(|(page, heading, _)| rows.iter().filter(move |row| row.is_of(page, heading)))
            .flat_map(Row::keys)
            .collect();
        for (name, key) in &explained {
            assert!(keymap.action(context, key).is_some(), "{name} does nothing in {context:?}");
        }
        let explained: BTreeSet<&str> = explained.iter().map(|(name, _)| name.as_str()).collect();
        let bound = keymap.bindings().iter().filter(|binding| binding.action.context() == context);
        for binding in bound {
            let (key, name) = (binding.key.to_string(), binding.action.name());
            assert!(
                explained.contains(key.as_str()),
                "no table of {context:?} has {key}, which is {name}"
            );
        }
    }
}

#[test]
fn the_first_keys_and_those_of_briefs_are_keys_of_the_results() {
    let keymap = Keymap::standard();
    let mut checked = 0;
    for row in rows() {
        if row.in_popup() || !CHOSEN.iter().any(|(page, heading)| row.is_of(page, heading)) {
            continue;
        }
        let typed = row.cells[0].starts_with("type");
        let context = if typed { Context::Query } else { Context::Results };
        for (name, key) in row.keys() {
            assert!(keymap.action(context, &key).is_some(), "{name} in {:?} does nothing", row.cells);
            checked += 1;
        }
    }
    assert!(checked >= 20, "only {checked} keys were found");
}

/// The popup on top, in a state where each of its keys has something to do.
fn opened(name: &str) -> State {
    let size = (140, 42);
    if name == "tasks" {
        return states::tasks(size);
    }
    let popup = popups::popups().into_iter().find(|(known, _)| *known == name).unwrap().1;
    let mut state = popups::with(states::listening(size), popup);
    match state.popups.last_mut() {
        Some(Popup::Shortlist(view)) => {
            view.projects = vec!["Film".into(), "Trailer".into()];
            view.removed = vec![(0, view.entries[0].clone())];
        }
        Some(Popup::Clip(panel)) => {
            panel.full = Ownership::Owned("/home/ada/Music/it.mp3".into());
            // A length with a shorter and a longer one.
            panel.seconds = 30.0;
            state.player.features = Some(Arc::new(Features {
                power: vec![0.1; 30 * 50],
                bands: vec![[-2.0; 3]; 30 * 50],
                chroma: vec![[1.0 / 12.0; 12]; 120],
            }));
        }
        _ => {}
    }
    state
}

/// All that there is after a key, and what is to be done; and whether the popup is closed then.
fn after(state: &State, key: KeyPress) -> (String, bool) {
    let mut after = state.clone();
    let effects = update(&mut after, states::NOW, Message::Key(key));
    (format!("{after:?} {effects:?}"), after.popups.len() < state.popups.len())
}

#[test]
fn what_is_said_of_the_keys_of_a_popup_is_what_they_do() {
    let known = keys();
    let rows = rows();
    // What holds in all of them.
    let common = section("docs/screen.md", "Pages and lists");
    for (page, heading, popup) in POPUPS {
        let state = opened(popup);
        // What any other key does: nothing, or the popup closes.
        let (other, _) = after(&state, KeyPress::plain(Key::F(12)));
        let said = section(page, heading);
        let table: Vec<&Row> = rows
            .iter()
            .filter(|row| row.is_of(page, heading) && (row.in_popup() || !CHOSEN.contains(&(page, heading))))
            .collect();
        let mut names: Vec<String> = table.iter().flat_map(|row| row.keys()).map(|(name, _)| name).collect();
        if table.is_empty() {
            names.extend(between_backticks(&said));
        } else {
            names.extend(
                table
                    .iter()
                    .flat_map(|row| row.cells[1..].iter())
                    .flat_map(|cell| between_backticks(cell)),
            );
        }
        let mut checked = 0;
        for (name, key) in names.iter().filter_map(|name| Some((name, known.get(name)?))) {
            assert!(after(&state, *key).0 != other, "{page}, {heading}: {name} does nothing in {popup}");
            checked += 1;
        }
        assert!(checked > 0, "{page}, {heading} names no key");

        let explained: BTreeSet<String> = between_backticks(&said).chain(between_backticks(&common)).collect();
        for (name, key) in known.iter().filter(|(_, key)| !key.ctrl) {
            let (then, closed) = after(&state, *key);
            // Its table says in words that a number can be typed.
            let in_words = popup == "clip" && matches!(key.key, Key::Char('0'..='9'));
            if then != other && !closed && !in_words {
                assert!(
                    explained.contains(name),
                    "{name} does something in {popup}, and {page}, {heading} does not say so"
                );
            }
        }
    }
}
