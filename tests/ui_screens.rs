//! What is drawn: pictures of every screen and popup, and what holds at every size whatever the titles are.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

#[path = "ui_screens/pointing.rs"]
mod pointing;
#[path = "ui_screens/popups.rs"]
mod popups;
#[path = "ui_screens/states.rs"]
mod states;

use std::sync::Arc;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use ratatui::style::{Color, Modifier};
use trackyard_tui::api::Clip;
use trackyard_tui::clip::Segment;
use trackyard_tui::input::{Action, Keymap};
use trackyard_tui::state::{BriefsView, Focus, Found, KeyEntry, Ownership, Popup, Shown, State, Typing};
use trackyard_tui::text::{Clean, width};
use trackyard_tui::ui::layout::{Class, Layout};
use trackyard_tui::ui::{Theme, can_ask, draw, furthest_scroll, results_height};
use tui_input::Input;

type Make = fn((u16, u16)) -> State;

const SIZES: [(u16, u16); 3] = [(140, 42), (80, 24), (40, 12)];

const SCREENS: [(&str, Make); 14] = [
    ("fresh", states::fresh),
    ("listening", states::listening),
    ("typing", states::typing),
    ("downloading", states::downloading),
    ("asking", states::asking),
    ("waiting", states::waiting),
    ("filtering", states::filtering),
    ("none_pass", states::none_pass),
    ("out_of_credits", states::out_of_credits),
    ("sandbox", states::sandbox),
    ("tour", states::tour),
    ("tour_begins", states::tour_begins),
    ("tasks", states::tasks),
    ("batches", states::batches),
];

/// A frame, and where it put the cursor.
fn frame(state: &State, size: (u16, u16), theme: &Theme) -> (Buffer, Position) {
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
    terminal.draw(|frame| draw(frame, state, theme)).unwrap();
    (terminal.backend().buffer().clone(), terminal.backend().cursor_position())
}

fn buffer(state: &State, size: (u16, u16)) -> Buffer {
    frame(state, size, &Theme::dark()).0
}

/// The frame as text; the second half of a wide character is left out.
fn text(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in 0..buffer.area.height {
        let mut hidden = 0;
        let mut line = String::new();
        for x in 0..buffer.area.width {
            if hidden > 0 {
                hidden -= 1;
                continue;
            }
            line.push_str(buffer[(x, y)].symbol());
            hidden = width(buffer[(x, y)].symbol()).saturating_sub(1);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn pictures(make: impl Fn((u16, u16)) -> State) -> String {
    SIZES
        .map(|size| format!("{}×{}\n{}", size.0, size.1, text(&buffer(&make(size), size))))
        .join("\n")
}

#[test]
fn screens_look_like_this() {
    for (name, make) in SCREENS {
        insta::assert_snapshot!(format!("screen_{name}"), pictures(make));
    }
}

#[test]
fn popups_look_like_this() {
    for (name, popup) in popups::popups() {
        insta::assert_snapshot!(
            format!("popup_{name}"),
            pictures(|size| popups::with(states::listening(size), popup.clone()))
        );
    }
}

/// Everything from outside at its worst.
fn hostile(size: (u16, u16)) -> State {
    let titles = [
        "初音ミクの消失と再生と永遠の歌声が響く夜の街角で",
        "e\u{301}a\u{308}o\u{302}\u{301}n\u{303} combining",
        "👩‍👩‍👧‍👦 family 🇩🇪 flags 👍🏽 tones ☕",
        "שיר ארוך מאוד על לילה אחד وأغنية طويلة جدا",
        "",
        "a",
        "x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x",
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
        "\u{1b}[31mred\u{7}\u{202e}evil",
    ];
    let mut state = states::downloading(size);
    state.results.all = (0..200)
        .map(|number| {
            let title = titles[number % titles.len()];
            let mut track = states::track(number);
            track.title = title.into();
            track.artist = titles[(number + 3) % titles.len()].into();
            track.moods = titles.iter().skip(number % 7).map(|title| Clean::new(title)).collect();
            track.key = Some(title.into());
            track.genre = Some(title.into());
            track.instruments = track.moods.clone();
            if number % 4 == 0 {
                track.bpm = None;
                track.duration_seconds = None;
                track.energy = Some(title.into());
                track.has_vocals = None;
                track.moods.clear();
            }
            Arc::new(track)
        })
        .collect();
    state.results.rows = (0..200).collect();
    state.results.problem = Some(titles.join(" "));
    state.player.track = state.results.track(2).cloned();
    state.query.input = Input::new(titles.join(" "));
    state.query.shown = Shown { query: titles[0].into() };
    state.live.understood = trackyard_tui::words::understand(state.query.text(), &state.filters.vocabulary, &Default::default());
    state.filters.active.genres = titles.iter().map(|title| Clean::new(title).to_string()).collect();
    state.filters.active.instruments = state.filters.active.genres.clone();
    state.account.tier = Some(titles[0].into());
    state.account.credits = Some(i64::MIN);
    state.account.problem = Some(titles.join(" "));
    state.account.minute_limit = Some(u64::MAX);
    state.account.day_limit = Some(u64::MAX);
    state.server.is_vendor = false;
    state.server.host = titles[7].into();
    state
}

fn hostile_popups() -> Vec<Popup> {
    let mut popups: Vec<Popup> = popups::popups().into_iter().map(|(_, popup)| popup).collect();
    let nasty = hostile((80, 24)).query.input;
    for popup in &mut popups {
        match popup {
            Popup::Picker(picker) => {
                picker.input = nasty.clone();
                picker.cursor = usize::MAX;
            }
            Popup::Palette(palette) => {
                palette.input = nasty.clone();
                palette.cursor = usize::MAX;
            }
            Popup::Help(help) => help.scroll = usize::MAX,
            Popup::Usage(view) => view.scroll = usize::MAX,
            Popup::Receipts(view) => view.scroll = usize::MAX,
            Popup::Tasks(view) => view.cursor = usize::MAX,
            Popup::Error(error) => error.text = nasty.value().repeat(20),
            Popup::Quit(quitting) => quitting.running = vec![nasty.value().to_owned(); 30],
            Popup::Shortlist(view) => {
                view.cursor = usize::MAX;
                view.typing = Some(Typing::Note(nasty.clone()));
                view.entries.iter_mut().for_each(|entry| entry.note = nasty.value().to_owned());
            }
            Popup::Alike(view) => {
                view.cursor = usize::MAX;
                view.problem = Some(nasty.value().repeat(20));
            }
            Popup::Clip(panel) => {
                panel.seconds = f64::MAX;
                panel.hit_point = Some(f64::MAX);
                panel.length_of = Some(nasty.value().to_owned());
                panel.problem = Some(nasty.value().repeat(20));
                panel.estimate = Some(Segment {
                    start: -1e9,
                    seconds: f64::MAX,
                    peak: Some(f64::MAX),
                });
            }
            Popup::Briefs(view) => {
                view.cursor = usize::MAX;
                view.typing = Some(nasty.clone());
                view.problem = Some(nasty.value().repeat(20));
            }
            Popup::Account | Popup::Confirm { .. } | Popup::NoKey(_) => {}
        }
    }
    popups
}

/// A terminal does not draw the cell after a wide character: nothing but a blank may be there, or a border vanishes.
fn assert_whole(buffer: &Buffer, what: &str) {
    for y in 0..buffer.area.height {
        for x in 0..buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            assert!(!symbol.chars().any(char::is_control), "{what}: {symbol:?} at {x},{y}");
            if width(symbol) > 1 && x + 1 < buffer.area.width {
                let next = buffer[(x + 1, y)].symbol();
                assert!(
                    next.trim().is_empty(),
                    "{what}: {symbol:?} at {x},{y} hides {next:?}\n{}",
                    text(buffer)
                );
            }
        }
    }
}

#[test]
fn every_size_can_be_drawn() {
    let screens: Vec<Make> = SCREENS.iter().map(|(_, make)| *make).chain([hostile as Make, hostile]).collect();
    let popups = hostile_popups();
    for columns in 1..=200 {
        for rows in 1..=60 {
            let size = (columns, rows);
            let turn = usize::from(columns * 7 + rows * 3);
            let mut state = screens[turn % screens.len()](size);
            // Divided first, so that each screen meets each focus, and each popup has its turn.
            state.focus = [Focus::Query, Focus::Filters, Focus::Results][turn / screens.len() % 3];
            if turn.is_multiple_of(2) {
                state.popups = vec![popups[turn / 2 % popups.len()].clone()];
            }
            assert_whole(&buffer(&state, size), &format!("{columns}×{rows}"));
        }
    }
}

#[test]
fn every_popup_can_be_drawn_over_anything_in_a_small_window() {
    for popup in hostile_popups() {
        for columns in (28..=100).step_by(3) {
            for rows in 7..=14 {
                let size = (columns, rows);
                assert_whole(
                    &buffer(&popups::with(hostile(size), popup.clone()), size),
                    &format!("{columns}×{rows} {popup:?}"),
                );
            }
        }
    }
}

#[test]
fn an_enormous_window_and_no_keys_are_fine() {
    for make in SCREENS.map(|(_, make)| make) {
        let mut state = make((500, 200));
        state.keymap = Arc::new(Keymap::default());
        assert_whole(&buffer(&state, (500, 200)), "500×200");
    }
}

#[test]
fn the_same_state_gives_the_same_frame() {
    for (_, make) in SCREENS {
        for size in SIZES {
            let state = make(size);
            assert_eq!(frame(&state, size, &Theme::light()), frame(&state, size, &Theme::light()));
        }
    }
}

#[test]
fn the_selected_row_is_on_the_screen_however_stale_the_offset_is() {
    for size in [(140, 42), (100, 24), (80, 24), (60, 15), (59, 14), (40, 12), (30, 8)] {
        let mut state = states::numbered(60, size);
        for selected in 0..60 {
            for offset in [0, 7, 30, 59, 1000] {
                state.results.selected = selected;
                state.results.offset = offset;
                let screen = text(&buffer(&state, size));
                let line = screen
                    .lines()
                    .find(|line| line.contains('▌'))
                    .unwrap_or_else(|| panic!("{size:?}\n{screen}"));
                assert!(line.contains(&format!("No {selected}.")), "{size:?} {selected} {offset}: {line}");
            }
        }
    }
}

#[test]
fn as_many_rows_are_drawn_as_are_promised() {
    for size in [
        (140, 42),
        (100, 24),
        (80, 24),
        (80, 40),
        (60, 15),
        (59, 14),
        (40, 12),
        (40, 30),
        (30, 8),
    ] {
        for focus in [Focus::Query, Focus::Results] {
            let mut state = states::numbered(300, size);
            state.focus = focus;
            let screen = text(&buffer(&state, size));
            let place = Layout::of(size, focus, false).results;
            let drawn = screen
                .lines()
                .skip(place.y.into())
                .take(place.height.into())
                .map(|line| line.chars().skip(place.x.into()).take(place.width.into()).collect::<String>())
                .filter(|line| line.contains(" No "))
                .count();
            assert_eq!(drawn, results_height(&state), "{size:?}\n{screen}");
        }
    }
    assert_eq!(results_height(&states::numbered(300, (29, 20))), 0);
}

#[test]
fn only_the_rows_on_the_screen_are_looked_at() {
    let size = (140, 42);
    let mut state = states::numbered(100_000, size);
    state.results.selected = 70_000;
    state.results.offset = 69_990;
    let whole = buffer(&state, size);
    let shown = state.results.offset..state.results.offset + results_height(&state);
    for (row, index) in state.results.rows.iter_mut().enumerate() {
        if !shown.contains(&row) {
            *index = usize::MAX;
        }
    }
    assert_eq!(buffer(&state, size), whole);
}

#[test]
fn nothing_is_coloured_without_colour_and_the_selection_is_still_seen() {
    for (_, make) in SCREENS {
        for popup in std::iter::once(None).chain(popups::popups().into_iter().map(|(_, popup)| Some(popup))) {
            let size = (140, 42);
            let mut state = make(size);
            state.popups.extend(popup);
            let (buffer, _) = frame(&state, size, &Theme::mono());
            assert!(
                buffer
                    .content()
                    .iter()
                    .all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset)
            );
        }
    }
    let state = states::listening((140, 42));
    let (buffer, _) = frame(&state, (140, 42), &Theme::mono());
    let place = Layout::of((140, 42), Focus::Results, false).results;
    let reversed = |y: u16| buffer[(place.x + 5, y)].modifier.contains(Modifier::REVERSED);
    assert_eq!((place.y..place.bottom()).filter(|y| reversed(*y)).count(), 1);
}

#[test]
fn the_cursor_is_in_the_box_that_takes_the_keys() {
    for size in SIZES {
        let mut state = states::fresh(size);
        let query = Layout::of(size, Focus::Query, false).query;
        state.query.input = Input::new("初音".into());
        let (_, cursor) = frame(&state, size, &Theme::dark());
        assert_eq!(cursor, Position::new(query.x + 2 + 2 + 4, query.y + 1), "{size:?}");

        state.query.input = Input::new("long ".repeat(80));
        let (_, cursor) = frame(&state, size, &Theme::dark());
        assert!(query.contains(cursor) && cursor.x + 1 < query.right(), "{size:?} {cursor}");

        // A terminal hides the cursor where no box has it; the test backend leaves it at the origin.
        state.focus = Focus::Results;
        assert_eq!(frame(&state, size, &Theme::dark()).1, Position::ORIGIN);
        state.focus = Focus::Query;
        state.popups = vec![Popup::NoKey(KeyEntry::default())];
        assert_eq!(frame(&state, size, &Theme::dark()).1, Position::ORIGIN);
    }
}

#[test]
fn a_purchase_is_fully_told_even_in_the_smallest_window() {
    let clip = Clip::new(30.0, Some(12.0)).unwrap();
    for (size, clip, what) in [(140, 42), (80, 24), (40, 12), (40, 11)]
        .into_iter()
        .flat_map(|size| [(size, None, "full track"), (size, Some(clip), "Hit point the peak")])
    {
        assert!(can_ask(size));
        let mut state = popups::with(states::listening(size), popups::buying(Ownership::New, clip));
        state.server.is_vendor = false;
        state.server.is_sandbox = true;
        let screen = text(&buffer(&state, size));
        for told in [
            "Window Seat",
            what,
            "Northbound.mp3",
            "1 credit",
            "44 → 43",
            "play money",
            "▸ Cancel",
            "Download: 1",
        ] {
            assert!(screen.contains(told), "{size:?} does not say {told:?}\n{screen}");
        }
    }
    assert!(
        !can_ask((39, 11)) && !can_ask((40, 10)),
        "nothing can be bought where it would not fit"
    );
}

#[test]
fn offline_nothing_has_a_price() {
    for ownership in [Ownership::Checking, Ownership::Owned("/music/it.mp3".into())] {
        for size in SIZES {
            let mut state = popups::with(states::listening(size), popups::buying(ownership.clone(), None));
            state.offline = true;
            let screen = text(&buffer(&state, size));
            for priced in ["Price", "Buy again", "y confirms"] {
                assert!(!screen.contains(priced), "{size:?} says {priced:?}\n{screen}");
            }
            assert_eq!(screen.contains("it.mp3"), ownership != Ownership::Checking, "{size:?}\n{screen}");
        }
    }
}

#[test]
fn what_is_owned_is_not_offered_as_if_it_were_new() {
    let owned = Ownership::Owned("/music/it.mp3".into());
    for size in SIZES {
        let screen = text(&buffer(
            &popups::with(states::listening(size), popups::buying(owned.clone(), None)),
            size,
        ));
        assert!(
            screen.contains("You own this") && screen.contains("/music/it.mp3") && screen.contains("▸ Close"),
            "{screen}"
        );
        assert!(screen.contains("Buy again: 1 credit"), "{screen}");
    }
}

#[test]
fn the_palette_says_why_an_action_does_nothing_now() {
    for size in [(140, 42), (80, 24)] {
        let mut palette = popups::palette("");
        palette.shown = vec![Action::Help, Action::Download];
        let screen = text(&buffer(&popups::with(states::fresh(size), Popup::Palette(palette)), size));
        assert!(
            screen.contains("download (1 credit, asks first) – there is no track  "),
            "{size:?}\n{screen}"
        );
        assert!(screen.contains("show all keys  "), "{size:?}\n{screen}");
    }
}

#[test]
fn the_feet_of_popups_name_the_keys_that_move_now() {
    let size = (140, 42);
    for (name, what) in [("help", "scroll"), ("alike", "move and hear"), ("shortlist", "hear")] {
        for (section, keys) in [
            ("[results]\ndown = 'w'\nup = 'ctrl-p'", "w ^p"),
            ("[results]\ndown = []\nup = 'Up'", "↓ ↑"),
        ] {
            let popup = popups::popups().into_iter().find(|(named, _)| *named == name).unwrap().1;
            let mut state = popups::with(states::listening(size), popup);
            state.keymap = Arc::new(Keymap::customised(&toml::from_str(section).unwrap()).unwrap().0);
            let screen = text(&buffer(&state, size));
            assert!(screen.contains(&format!("╰ {keys} {what}")), "{name} {section}\n{screen}");
        }
    }
}

#[test]
fn scrolling_reaches_the_last_line_and_no_further() {
    for size in SIZES {
        for (name, popup) in popups::popups() {
            let mut state = popups::with(states::listening(size), popup);
            let furthest = furthest_scroll(&state);
            let mut at = |lines: usize| {
                match state.popups.last_mut() {
                    Some(Popup::Help(help)) => help.scroll = lines,
                    Some(Popup::Usage(view)) => view.scroll = lines,
                    Some(Popup::Receipts(view)) => view.scroll = lines,
                    _ => assert_eq!(furthest, 0, "{name}"),
                }
                buffer(&state, size)
            };
            assert_eq!(at(furthest), at(furthest + 50), "{name} {size:?}");
            if furthest > 0 {
                assert_ne!(at(furthest), at(furthest - 1), "{name} {size:?}");
            }
        }
    }
}

#[test]
fn the_classes_are_where_the_guide_says() {
    for (size, class) in [
        ((140, 42), Class::Wide),
        ((100, 24), Class::Wide),
        ((99, 42), Class::Stacked),
        ((80, 24), Class::Stacked),
        ((60, 15), Class::Stacked),
        ((59, 15), Class::Small),
        ((40, 12), Class::Small),
        ((30, 8), Class::Small),
        ((29, 8), Class::TooSmall),
        ((30, 7), Class::TooSmall),
    ] {
        assert_eq!(Layout::of(size, Focus::Query, false).class, class, "{size:?}");
    }
    let has_downloads = |rows| Layout::of((100, rows), Focus::Query, true).downloads.is_some();
    assert!(has_downloads(32) && !has_downloads(31));
}

#[test]
fn an_account_that_is_out_of_the_ordinary_is_shown_as_it_is() {
    let size = (140, 42);
    for (tier, credits, allowance, shown) in [
        ("enterprise", 12_345, Some(50), "12345 credits"),
        ("free", 7, Some(0), "7 credits"),
        ("Studio+", -3, Some(50), "−3 credits"),
        ("free", 0, Some(50), "0 of 50"),
        ("pro", 1, None, "1 credit"),
    ] {
        let mut state = states::fresh(size);
        state.account.tier = Some(tier.into());
        state.account.credits = Some(credits);
        state.account.allowance = allowance;
        let screen = text(&buffer(&state, size));
        assert!(screen.contains(tier) && screen.contains(shown), "{tier}, {shown}:\n{screen}");
    }
}

#[test]
fn why_a_file_of_briefs_cannot_be_opened_is_told_whole() {
    let size = (140, 42);
    let why = "there is no API key: set TRACKYARD_API_KEY (get one at app.trackyard.com/api-keys), or try it with --sandbox";
    let view = BriefsView {
        typing: Some(Input::default()),
        problem: Some(why.into()),
        ..BriefsView::default()
    };
    let screen = text(&buffer(&popups::with(states::listening(size), Popup::Briefs(view)), size));
    assert!(screen.contains("there is no API key") && screen.contains("--sandbox"), "{screen}");
}

#[test]
fn one_is_not_told_as_many() {
    let size = (140, 42);
    let named = |wanted: &str| popups::popups().into_iter().find(|(name, _)| *name == wanted).unwrap().1;
    let mut state = popups::with(states::listening(size), named("next_page"));
    state.results.new_on_page = Some((1, 1));
    let mut close = states::typing(size);
    close.live.found = Some(Found {
        close: 1,
        ..Found::default()
    });
    let mut entry = KeyEntry::default();
    entry.begin();
    entry.put("t");
    let key = popups::with(states::fresh(size), Popup::NoKey(entry));
    for (state, told) in [
        (state, "1 of 1 track was new"),
        (close, "1 seen before comes close"),
        (key, "1 character "),
    ] {
        let screen = text(&buffer(&state, size));
        assert!(screen.contains(told), "{told:?}\n{screen}");
    }
}

#[test]
fn the_player_tells_how_often_the_device_ran_dry() {
    let size = (140, 42);
    let mut state = states::listening(size);
    assert!(!text(&buffer(&state, size)).contains("underrun"));
    for (times, told) in [(1, "1 underrun "), (12, "12 underruns ")] {
        state.player.underruns = times;
        let screen = text(&buffer(&state, size));
        assert!(screen.contains(told), "{told:?}\n{screen}");
    }
}
