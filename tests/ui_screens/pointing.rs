//! What is under the mouse pointer is what is drawn there.

use trackyard_tui::state::Task;
use trackyard_tui::ui::{Target, target};

use super::*;

#[test]
fn what_is_under_the_pointer_is_what_is_drawn_there() {
    for size in SIZES {
        let state = states::listening(size);
        let screen = buffer(&state, size);
        let mut rows = 0;
        for y in 0..size.1 {
            let line: String = (0..size.0).map(|x| screen[(x, y)].symbol().trim()).collect();
            if let Target::Row(row) = target(&state, size.0 / 2, y) {
                let title = &state.results.track(row).unwrap().title;
                let start: String = title.chars().filter(|c| !c.is_whitespace()).take(5).collect();
                assert!(line.contains(&start), "{size:?}: row {row}, {title}, is not in {line}");
                rows += 1;
            }
        }
        assert_eq!(rows, results_height(&state).min(100), "{size:?}");
    }
}

#[test]
fn every_hint_that_can_be_clicked_is_drawn_with_a_key_that_does_it() {
    let mut hints = 0;
    for (name, make) in SCREENS {
        for size in [(140, 42), (120, 30), (100, 24), (80, 24), (66, 20), (40, 12)] {
            let state = make(size);
            if !state.popups.is_empty() {
                continue;
            }
            let screen = buffer(&state, size);
            let y = Layout::of(size, state.focus, !state.downloads.is_empty()).status.y;
            let under: Vec<Target> = (0..size.0).map(|x| target(&state, x, y)).collect();
            let mut x = 0;
            while x < under.len() {
                let long = under[x..].iter().take_while(|other| **other == under[x]).count();
                let drawn: String = (x..x + long).map(|x| screen[(x as u16, y)].symbol()).collect();
                if let Target::Hint(action) = under[x] {
                    let keys = state.keymap.keys(action);
                    let mut works = keys.filter(|key| state.keymap.action(state.focus.context(), key) == Some(action));
                    assert!(
                        works.any(|key| drawn.starts_with(&format!("{key} "))),
                        "{name} {size:?}: {action:?} under {drawn:?}\n{}",
                        text(&screen)
                    );
                    hints += 1;
                } else if state.tour.is_none() && state.status.message.is_none() && state.downloads.is_empty() {
                    assert_eq!(drawn.trim(), "", "{name} {size:?}: a hint that cannot be clicked");
                }
                x += long;
            }
        }
    }
    assert!(hints > 100, "only {hints} hints were found");
}

#[test]
fn the_sign_of_a_chip_is_what_takes_it_away() {
    for make in [states::listening, states::filtering] {
        for size in SIZES {
            let state = make(size);
            let screen = buffer(&state, size);
            let y = Layout::of(size, state.focus, false).query.y + 2;
            let drawn: Vec<Target> = (0..size.0)
                .filter(|x| screen[(*x, y)].symbol() == "✕")
                .map(|x| target(&state, x, y))
                .collect();
            let counted: Vec<Target> = (0..drawn.len()).map(Target::Chip).collect();
            assert_eq!(drawn, counted, "{size:?}");
            let signs = (0..size.0).filter(|x| matches!(target(&state, *x, y), Target::Chip(_))).count();
            assert_eq!(signs, drawn.len() * 2, "{size:?}: the sign, and the blank that belongs to it");
            assert!(size != (140, 42) || !drawn.is_empty());
        }
    }
}

/// What a list on top has in it, as far as it tells one entry from the next.
fn entries(state: &State) -> Vec<String> {
    match state.popups.last() {
        Some(Popup::Picker(picker)) => {
            let listed = picker.shown.iter().map(|index| picker.items[*index].word.clone());
            listed.chain(picker.own_value()).collect()
        }
        Some(Popup::Palette(palette)) => palette.shown.iter().map(|action| action.description().to_owned()).collect(),
        Some(Popup::Alike(view)) => view.found.iter().map(|alike| alike.track.title.to_string()).collect(),
        Some(Popup::Shortlist(view)) => view.entries.iter().map(|entry| entry.track.title.to_string()).collect(),
        Some(Popup::Briefs(_)) => {
            let briefs = state.briefs.iter().flat_map(|list| &list.briefs);
            briefs.map(|brief| brief.request.query().to_owned()).collect()
        }
        Some(Popup::Tasks(_)) => {
            let name = |task: Task| match task {
                Task::Search(running) => running.request.query().to_owned(),
                Task::Unwatched(_) => "an earlier search".to_owned(),
                Task::Batch(batch) => batch.name(),
                Task::Download(download) => download.track.title.to_string(),
            };
            state.tasks().into_iter().map(name).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn an_entry_under_the_pointer_is_the_one_that_is_drawn_there() {
    let squeezed = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let mut lists = 0;
    for size in [(140, 42), (100, 30), (80, 24)] {
        let with = |popup| popups::with(states::listening(size), popup);
        let popups = popups::popups().into_iter().map(|(_, popup)| with(popup));
        for state in popups.chain([states::tasks(size)]) {
            let screen = buffer(&state, size);
            let entries = entries(&state);
            let mut seen = Vec::new();
            for y in 0..size.1 {
                let Target::Entry(entry) = target(&state, size.0 / 2, y) else {
                    continue;
                };
                let line: String = (0..size.0).map(|x| screen[(x, y)].symbol()).collect();
                // A note stands below its track.
                if seen.last() != Some(&entry) {
                    let name: String = squeezed(&entries[entry]).chars().take(9).collect();
                    assert!(squeezed(&line).contains(&name), "{size:?}: {entry}, {name}, is not in {line}");
                    seen.push(entry);
                }
            }
            let first = seen.first().copied().unwrap_or(0);
            assert!(seen.iter().copied().eq(first..first + seen.len()), "{seen:?}");
            if size == (140, 42) {
                assert_eq!(
                    seen.len(),
                    entries.len().min(18),
                    "all of them, or as many as the palette has room for"
                );
            }
            lists += usize::from(!seen.is_empty());
        }
    }
    assert_eq!(lists, 3 * 7, "shortlist, briefs, alike, two pickers, palette, tasks");
}

#[test]
fn only_what_is_beside_a_popup_is_beside_it() {
    for size in SIZES {
        for (name, popup) in popups::popups() {
            if matches!(popup, Popup::Clip(_)) {
                continue;
            }
            let state = popups::with(states::listening(size), popup);
            let screen = buffer(&state, size);
            let inside = |x: u16, y: u16| target(&state, x, y) != Target::Beside;
            let xs: Vec<u16> = (0..size.0).filter(|x| inside(*x, size.1 / 2)).collect();
            let ys: Vec<u16> = (0..size.1).filter(|y| inside(size.0 / 2, *y)).collect();
            let corner = |x: Option<&u16>, y: Option<&u16>| screen[(*x.unwrap(), *y.unwrap())].symbol();
            assert_eq!(corner(xs.first(), ys.first()), "╭", "{name} {size:?}");
            assert_eq!(corner(xs.last(), ys.last()), "╯", "{name} {size:?}");
            assert_eq!(xs.len(), usize::from(xs[xs.len() - 1] - xs[0]) + 1, "{name} {size:?}");
            assert_eq!(ys.len(), usize::from(ys[ys.len() - 1] - ys[0]) + 1, "{name} {size:?}");
        }
    }
}

#[test]
fn nothing_anywhere_under_the_pointer_panics_at_any_size() {
    for size in [(1, 1), (29, 7), (30, 8), (40, 12), (80, 24), (140, 42), (200, 60)] {
        let screens = [states::fresh, states::listening, states::filtering, hostile].map(|make| make(size));
        for state in screens {
            for y in 0..size.1 + 2 {
                for x in 0..size.0 + 2 {
                    let _ = target(&state, x, y);
                }
            }
        }
        for popup in hostile_popups() {
            let state = popups::with(hostile(size), popup);
            for step in (0..size.0 + 2).step_by(9) {
                let _ = target(&state, step, step.min(size.1));
            }
        }
    }
}
