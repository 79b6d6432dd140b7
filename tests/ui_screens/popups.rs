//! Popups put together by hand, each with something to see in it.

use std::sync::Arc;

use trackyard_tui::api::{Clip, DownloadRequest, UsageRecord};
use trackyard_tui::clip::{Fit, Segment};
use trackyard_tui::config::KeyringError;
use trackyard_tui::input::{Action, Context};
use trackyard_tui::library::{Alike, Entry};
use trackyard_tui::spend::{Confirmation, Receipt, SpendState};
use trackyard_tui::state::{
    AlikeView, Ask, BatchAsk, BriefList, BriefsView, ClipEntry, ClipPanel, ErrorDetail, FilterRow, Help, KeyEntry, Moment, OpenBrief,
    Ownership, Palette, Picker, PickerItem, Popup, Quitting, ReceiptsView, Rehearsed, ShortlistView, State, TasksView, UsageView,
};
use tui_input::Input;

use super::states::{half_typed, search, track};

/// With a popup on top.
pub fn with(mut state: State, popup: Popup) -> State {
    if matches!(popup, Popup::Briefs(_)) {
        let briefs = briefs();
        state.results.request = briefs.briefs.first().map(|brief| brief.request.clone());
        state.briefs = Some(briefs);
    }
    state.popups.push(popup);
    state
}

fn briefs() -> BriefList {
    let brief = |line, query: &str, project: &str, age_seconds| OpenBrief {
        line,
        request: search(query, 0),
        project: project.into(),
        age_seconds,
        ask: line - 2,
        refused: false,
    };
    BriefList {
        file: "/home/ada/films/briefs.csv".into(),
        briefs: vec![
            brief(2, "calm piano for the opening titles", "Harbour film", Some(90_000)),
            brief(3, "moody lo-fi for a coffee shop vlog", "Coffee vlog", Some(90_000)),
            brief(
                4,
                "tense strings that build to a reveal",
                "tense strings that build to a reveal",
                None,
            ),
        ],
        shortlisted: [("Harbour film".to_owned(), 2)].into(),
        ..BriefList::default()
    }
}

/// More than the question names.
fn briefs_to_ask() -> Vec<BatchAsk> {
    [
        "tense strings that build to a reveal",
        "bright funk",
        "slow jazz",
        "harsh techno",
        "calm piano",
        "sea shanties",
    ]
    .map(|query| BatchAsk {
        request: search(query, 0),
        project: Some(query.to_owned()),
    })
    .into()
}

pub fn buying(ownership: Ownership, clip: Option<Clip>) -> Popup {
    let track = Arc::new(track(4));
    Popup::Confirm {
        ask: Ask::Download {
            request: DownloadRequest {
                track_id: track.id.clone(),
                clip,
            },
            track,
            folder: "/home/ada/Music/Trackyard".into(),
            file_name: "Window Seat, Northbound.mp3".into(),
            ownership,
            rehearsed: clip.map(|clip| Rehearsed {
                clip,
                estimate: Segment {
                    start: 7.2,
                    seconds: clip.duration().as_f64(),
                    peak: Some(19.2),
                },
                preview: Arc::default(),
            }),
        },
        confirmation: on_screen(),
    }
}

/// Tracks like one.
fn alike() -> Popup {
    let mut view = AlikeView::new(Arc::new(track(4)));
    view.loading = false;
    view.found = (0..12)
        .map(|number| Alike {
            track: Arc::new(track(number + 5)),
            likeness: 0.94 - number as f64 * 0.05,
            why: ["also 90 BPM", "same key", "both contemplative"][..3 - number % 3]
                .iter()
                .map(ToString::to_string)
                .collect(),
        })
        .collect();
    view.cursor = 1;
    Popup::Alike(view)
}

/// The clip panel, as it is with the estimate there.
fn clip_panel(full: Ownership, file: Option<&str>) -> Popup {
    let mut panel = ClipPanel::new(Arc::new(track(4)));
    panel.full = full;
    panel.hit_point = Some(8.0);
    panel.seconds = 15.0;
    panel.estimate = Some(Segment {
        start: 7.2,
        seconds: 15.0,
        peak: Some(15.2),
    });
    panel.typing = file.map(|path| ClipEntry::File(Input::new(path.into())));
    Popup::Clip(Box::new(panel))
}

/// A confirmation that has been on the screen for long.
fn on_screen() -> Confirmation {
    let mut confirmation = Confirmation::open();
    confirmation.drawn(Moment(0));
    confirmation
}

/// Every popup by name.
pub fn popups() -> Vec<(&'static str, Popup)> {
    let confirm = |ask| Popup::Confirm {
        ask,
        confirmation: on_screen(),
    };
    let owned = Ownership::Owned("/home/ada/Music/Trackyard/Window Seat, Northbound.mp3".into());
    let clip = Clip::new(30.0, Some(12.0)).unwrap();
    vec![
        ("account", Popup::Account),
        ("download", buying(Ownership::New, None)),
        ("download_clip", buying(Ownership::New, Some(clip))),
        ("download_checking", buying(Ownership::Checking, None)),
        ("download_owned", buying(owned, None)),
        (
            "download_no_ledger",
            buying(
                Ownership::Unknown("the spending ledger cannot be used (disk I/O error), so nothing paid is sent".into()),
                None,
            ),
        ),
        (
            "shortlist",
            Popup::Shortlist(ShortlistView {
                entries: (0..5)
                    .map(|number| Entry {
                        track: track(number),
                        note: if number == 1 {
                            "for the title card".to_owned()
                        } else {
                            String::new()
                        },
                    })
                    .collect(),
                cursor: 3,
                other: Some(1),
                ..ShortlistView::default()
            }),
        ),
        (
            "briefs",
            Popup::Briefs(BriefsView {
                cursor: 1,
                ..BriefsView::default()
            }),
        ),
        (
            "next_page",
            confirm(Ask::NextPage(search("moody lo-fi for a coffee shop vlog", 100))),
        ),
        (
            "ask_briefs",
            confirm(Ask::Batch {
                file: "/home/ada/films/briefs.csv".into(),
                asks: briefs_to_ask(),
            }),
        ),
        ("refresh", confirm(Ask::Refresh(search("moody lo-fi for a coffee shop vlog", 0)))),
        ("alike", alike()),
        ("clip", clip_panel(Ownership::New, None)),
        (
            "clip_own",
            clip_panel(Ownership::Owned("/home/ada/Music/it.mp3".into()), Some("~/films/te")),
        ),
        ("picker", Popup::Picker(picker("", 3))),
        ("picker_own_value", Popup::Picker(picker("vapor", 1))),
        ("help", Popup::Help(Help::default())),
        ("palette", Popup::Palette(palette("vol"))),
        (
            "error",
            Popup::Error(ErrorDetail {
                title: "The server failed (500)".into(),
                text:
                    "Trackyard could not answer. Nothing was charged.\n\nTry again in a moment; if it stays, quote req_8f3a1c to support."
                        .into(),
            }),
        ),
        ("usage", Popup::Usage(usage(60))),
        ("receipts", Popup::Receipts(receipts())),
        (
            "quit",
            Popup::Quit(Quitting {
                running: vec![
                    "downloading Window Seat, Northbound, 64 %".into(),
                    "asking for “tense strings”".into(),
                ],
                ..Quitting::default()
            }),
        ),
        ("tasks", Popup::Tasks(TasksView { cursor: 1 })),
        ("no_key", Popup::NoKey(KeyEntry::default())),
        (
            "no_key_locked",
            Popup::NoKey(KeyEntry::new(None, Some(KeyringError::Locked.to_string()))),
        ),
        ("key_entry", Popup::NoKey(half_typed())),
        ("key_entry_keyring", Popup::NoKey(for_the_keyring())),
        ("key_entry_no_keyring", Popup::NoKey(without_a_keyring())),
    ]
}

fn for_the_keyring() -> KeyEntry {
    let mut entry = half_typed();
    entry.keep_elsewhere();
    entry
}

/// Where nothing reaches the keyring, and the key is none.
fn without_a_keyring() -> KeyEntry {
    let why = "the keyring cannot be reached: secret-tool is missing. Install it, or keep the key in the configuration file";
    let mut entry = KeyEntry::new(Some(why.into()), None);
    entry.begin();
    entry.put("schlüssel");
    entry.problem = entry.key().err().map(|error| error.to_string());
    entry
}

pub fn picker(typed: &str, cursor: usize) -> Picker {
    let items: Vec<PickerItem> = [
        "Chill",
        "Calm",
        "Ambient",
        "Angry",
        "Cinematic",
        "Confident",
        "Contemplative",
        "Dark",
        "Dramatic",
        "Dreamy",
        "Eccentric",
        "Energetic",
        "Upbeat",
    ]
    .iter()
    .enumerate()
    .map(|(index, word)| PickerItem {
        word: (*word).to_owned(),
        chosen: index < 2,
    })
    .collect();
    let shown = (0..items.len())
        .filter(|index| items[*index].word.to_lowercase().contains(typed))
        .collect();
    Picker {
        row: FilterRow::Moods,
        input: Input::new(typed.into()),
        items,
        shown,
        cursor,
    }
}

pub fn palette(typed: &str) -> Palette {
    let all = Action::ALL.iter().copied().filter(|action| action.context() != Context::Query);
    Palette {
        input: Input::new(typed.into()),
        shown: all.collect(),
        cursor: 2,
    }
}

pub fn usage(calls: i64) -> UsageView {
    let newest: jiff::Timestamp = "2026-03-14T15:09:26Z".parse().unwrap();
    let record = |number: i64| UsageRecord {
        timestamp: Some(newest - jiff::SignedDuration::from_hours(number * number / 6)),
        endpoint: ["/search", "/me", "/download-track"][number as usize % 3].into(),
        status_code: Some(if number % 11 == 5 { 429 } else { 200 }),
        credits_consumed: Some(i64::from(number % 3 != 1 && number % 11 != 5)),
        response_time_ms: Some(90.0 + (number * 37 % 211) as f64),
    };
    UsageView {
        records: (0..calls).map(record).collect(),
        total: Some(342),
        ..UsageView::default()
    }
}

pub fn receipts() -> ReceiptsView {
    let at: jiff::Timestamp = "2026-03-14T15:09:26Z".parse().unwrap();
    let search = |minutes, query: &str, state| Receipt {
        project: None,
        at: at - jiff::SignedDuration::from_mins(minutes),
        endpoint: "/search".into(),
        query: Some(query.into()),
        track_id: None,
        title: None,
        clip: None,
        duration_seconds: None,
        state,
        path: None,
        sha256: None,
        file_sha256: None,
        bytes: None,
        balance: (state == SpendState::Charged).then_some(44),
        fit: None,
        note: None,
    };
    let bought = Receipt {
        endpoint: "/download-track".into(),
        query: None,
        track_id: Some(track(2).id),
        title: Some("Paper Lanterns · Ada Quill".into()),
        clip: Some(Clip::new(30.0, None).unwrap()),
        path: Some("/home/ada/Music/Trackyard/Paper Lanterns.mp3".into()),
        balance: Some(45),
        fit: Some(Fit {
            hit_point: Some(12.0),
            peak: Some(12.3),
            expected_start: Some(7.2),
            start: Some(7.4),
            correlation: Some(0.98),
            overlap: Some(0.99),
        }),
        ..search(7, "", SpendState::Charged)
    };
    let cut_short = Receipt {
        clip: None,
        title: Some("Second Cup · North Room".into()),
        path: Some("/home/ada/Music/Trackyard/Second Cup.mp3.part".into()),
        note: Some("charged, incomplete: 1200000 of 4000000 bytes".into()),
        balance: Some(46),
        fit: None,
        ..bought.clone()
    };
    ReceiptsView {
        receipts: vec![
            search(1, "tense strings that build to a reveal", SpendState::Pending),
            search(4, "moody lo-fi for a coffee shop vlog", SpendState::Charged),
            bought,
            cut_short,
            search(55, "bright funk around 110 bpm, no vocals", SpendState::Free),
            search(95, "brass fanfare, short", SpendState::Unknown),
        ],
        ..ReceiptsView::default()
    }
}
