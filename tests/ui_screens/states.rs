//! States put together by hand, each with something to see in it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use trackyard_tui::api::{Energy, Filters, SearchRequest, Track, TrackId};
use trackyard_tui::audio::Waveform;
use trackyard_tui::batch::Tally;
use trackyard_tui::input::Keymap;
use trackyard_tui::state::{
    Batch, BatchId, BatchPhase, Device, Download, DownloadId, DownloadPhase, FilterRow, Focus, Found, KeyEntry, Moment, Phase, Popup,
    Price, Running, Server, Severity, Shown, Source, State, TasksView, TourStep,
};
use trackyard_tui::text::Clean;
use trackyard_tui::words::understand;
use tui_input::Input;

pub const NOW: Moment = Moment(90_000);

/// Title, artist, BPM, key, seconds, genre, finer genre, moods, energy, vocals.
type Row = (
    &'static str,
    &'static str,
    f64,
    &'static str,
    f64,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    bool,
);

const ROWS: [Row; 16] = [
    (
        "Rainy Window",
        "Ada Quill",
        84.0,
        "A minor",
        167.0,
        "Hip Hop",
        "Lo-Fi Hip Hop",
        "Chill,Contemplative",
        "low",
        false,
    ),
    (
        "Second Cup",
        "North Room",
        86.0,
        "D minor",
        182.0,
        "Beats",
        "Chillhop",
        "Calm,Chill",
        "low",
        false,
    ),
    (
        "Paper Lanterns",
        "Ada Quill",
        78.0,
        "E minor",
        140.0,
        "Hip Hop",
        "Lo-Fi Hip Hop",
        "Dreamy",
        "medium",
        false,
    ),
    (
        "Slow Platform",
        "M. Ostrava",
        82.0,
        "C major",
        175.0,
        "Downtempo",
        "Trip Hop",
        "Chill,Dark",
        "low",
        true,
    ),
    (
        "Window Seat, Northbound",
        "The Quiet Carriage",
        90.0,
        "F# minor",
        201.0,
        "Hip Hop",
        "Jazz Hop",
        "Contemplative",
        "medium",
        false,
    ),
    (
        "Steam",
        "Bellweather",
        72.0,
        "G major",
        121.0,
        "Ambient",
        "Drone",
        "Calm,Ambient",
        "low",
        false,
    ),
    (
        "After the Matinee",
        "Ines Porto",
        88.0,
        "Bb major",
        194.0,
        "Jazz",
        "Bossa Nova",
        "Upbeat,Confident",
        "medium",
        true,
    ),
    (
        "初音の雨",
        "ミクと仲間たち",
        92.0,
        "A minor",
        158.0,
        "Electronic",
        "Vocaloid",
        "Dreamy,Energetic",
        "high",
        true,
    ),
    (
        "Café à la crème",
        "Zoë Brûlé",
        76.0,
        "D major",
        133.0,
        "Folk",
        "Chanson",
        "Chill",
        "low",
        true,
    ),
    (
        "Night Bus ☕ 42",
        "Kolya & the 🌙 Owls",
        95.0,
        "G minor",
        148.0,
        "Beats",
        "Instrumental Hip Hop",
        "Dark,Confident",
        "medium",
        false,
    ),
    (
        "שלום לילה",
        "יעל כהן",
        80.0,
        "E minor",
        211.0,
        "World",
        "Mizrahi",
        "Contemplative",
        "low",
        true,
    ),
    (
        "Low Light",
        "North Room",
        83.0,
        "C minor",
        169.0,
        "Beats",
        "Chillhop",
        "Calm",
        "low",
        false,
    ),
    (
        "Tape Hiss Lullaby for the Late Shift at the Corner Café",
        "Ada Quill",
        70.0,
        "F major",
        242.0,
        "Hip Hop",
        "Lo-Fi Hip Hop",
        "Dreamy,Calm",
        "low",
        false,
    ),
    (
        "Porcelain",
        "Bellweather",
        91.0,
        "B minor",
        156.0,
        "Electronica",
        "Downtempo",
        "Chill",
        "medium",
        false,
    ),
    (
        "Third Rail",
        "M. Ostrava",
        94.0,
        "A# minor",
        187.0,
        "Electronic",
        "Breakbeat",
        "Energetic,Dark",
        "high",
        false,
    ),
    (
        "Closing Time",
        "Ines Porto",
        74.0,
        "Eb major",
        203.0,
        "Jazz",
        "Cool Jazz",
        "Calm,Contemplative",
        "low",
        true,
    ),
];

pub fn track(number: usize) -> Track {
    let (title, artist, bpm, key, seconds, genre, finer, moods, energy, vocals) = ROWS[number % ROWS.len()];
    Track {
        id: TrackId::new(&format!("trk_{:06x}", 0xabc_123 + number * 7919)).unwrap(),
        title: title.into(),
        artist: artist.into(),
        duration_seconds: Some(seconds),
        bpm: Some(bpm),
        key: Some(key.into()),
        genre: Some(genre.into()),
        subgenres: vec![finer.into()],
        moods: moods.split(',').map(Clean::new).collect(),
        has_vocals: Some(vocals),
        energy: Some(Energy::from(energy)),
        instruments: ["piano", "drums", "bass", "Rhodes"]
            .into_iter()
            .take(1 + number % 4)
            .map(Clean::new)
            .collect(),
        preview_url: None,
    }
}

pub fn server() -> Server {
    Server {
        host: "api.trackyard.com".into(),
        is_vendor: true,
        is_sandbox: false,
        has_key: true,
    }
}

/// A key that is being typed.
pub fn half_typed() -> KeyEntry {
    let mut entry = KeyEntry::default();
    entry.begin();
    entry.put("trackyard_live_");
    entry
}

/// Nothing was asked yet.
pub fn fresh(size: (u16, u16)) -> State {
    let mut state = State::new(
        server(),
        Arc::new(Keymap::standard()),
        PathBuf::from("/home/ada/Music/Trackyard"),
        size,
    );
    state.now = NOW;
    state.account.tier = Some("free".into());
    state.account.credits = Some(44);
    state.account.allowance = Some(50);
    state.account.minute_limit = Some(5);
    state.account.minute_remaining = Some(3);
    state.account.day_limit = Some(50);
    state.account.day_remaining = Some(42);
    state.account.spent = 3;
    state
}

/// A preview's levels: verses, a swell, a break.
pub fn waveform(seconds: usize, complete: bool) -> Arc<Waveform> {
    let levels = (0..seconds * 20)
        .map(|step| {
            let time = step as f32 / 20.0;
            let beat = 0.55 + 0.45 * (time * 1.4 * std::f32::consts::TAU).sin().abs();
            let swell = 0.35 + 0.65 * ((time / 30.0 * std::f32::consts::PI).sin().powi(2));
            let grain = ((step * 2_654_435_761 % 97) as f32 / 97.0).mul_add(0.3, 0.7);
            let rest = if (20.5..22.5).contains(&time) { 0.25 } else { 1.0 };
            (0.34 * beat * swell * grain * rest).min(1.0)
        })
        .collect();
    Arc::new(Waveform {
        levels,
        loudness: Some(-13.8),
        complete,
    })
}

/// A hundred tracks, one of them playing.
pub fn listening(size: (u16, u16)) -> State {
    let mut state = fresh(size);
    let query = "moody lo-fi for a coffee shop vlog";
    state.query.input = Input::new(query.into());
    state.query.shown = Shown { query: query.into() };
    state.query.price = Price::Cached { age_seconds: 200 };
    state.filters.active = Filters {
        moods: ["Chill".to_owned(), "Calm".to_owned()].into(),
        has_vocals: Some(false),
        max_bpm: Some(95),
        min_bpm: Some(70),
        ..Filters::default()
    };
    state.results.all = (0..100).map(|number| Arc::new(track(number))).collect();
    state.results.rows = (0..100).collect();
    state.results.source = Source::Server;
    state.results.may_have_more = true;
    state.results.selected = 4;
    state.focus = Focus::Results;
    let id = |row: usize| state.results.all[row].id.clone();
    state.marks.heard = [0, 1, 2, 4].map(id).into();
    state.marks.owned = [2].map(id).into();
    state.marks.shortlisted = [3, 4].map(id).into();
    state.marks.rejected = [5].map(id).into();
    state.player.track = state.results.track(4).cloned();
    state.player.phase = Phase::Playing;
    state.player.position = Duration::from_millis(12_300);
    state.player.length = Some(Duration::from_secs(30));
    state.player.waveform = waveform(30, true);
    state.player.device = Device::Open;
    state
}

/// The same with a download under way.
pub fn downloading(size: (u16, u16)) -> State {
    let mut state = listening(size);
    let download = |id, number, phase| Download {
        id: DownloadId(id),
        track: Arc::new(track(number)),
        rehearsed: None,
        phase,
    };
    state.downloads = vec![
        download(1, 2, DownloadPhase::Done("/home/ada/Music/Trackyard/Paper Lanterns.mp3".into())),
        download(2, 8, DownloadPhase::Failed("the disk is full; nothing was charged".into())),
        download(
            3,
            4,
            DownloadPhase::Receiving {
                received: 2_560_000,
                total: Some(4_000_000),
            },
        ),
    ];
    state
}

/// The tour, at its fourth step.
pub fn tour(size: (u16, u16)) -> State {
    let mut state = listening(size);
    state.tour = Some(TourStep::Shortlist);
    state
}

/// The tour, at its beginning.
pub fn tour_begins(size: (u16, u16)) -> State {
    let mut state = sandbox(size);
    state.status.message = None;
    state.tour = Some(TourStep::Search);
    state
}

/// A search and downloads under way, others over, and the tasks view before them.
pub fn tasks(size: (u16, u16)) -> State {
    let mut state = downloading(size);
    state.downloads.push(Download {
        id: DownloadId(4),
        track: Arc::new(track(5)),
        rehearsed: None,
        phase: DownloadPhase::Queued,
    });
    state.results.running = asking(size).results.running;
    state.results.unwatched = vec![7];
    state.popups = vec![Popup::Tasks(TasksView { cursor: 3 })];
    state
}

/// Batches: one under way, one held back by the rate limit, others over; and the tasks view before them.
pub fn batches(size: (u16, u16)) -> State {
    let mut state = listening(size);
    let batch = |id, phase, tally: Tally| {
        let requests = vec![search("tense strings that build to a reveal", 0); tally.total];
        let mut batch = Batch::new(BatchId(id), "/home/ada/films/briefs.csv".into(), requests);
        (batch.at, batch.phase, batch.tally) = (tally.done(), phase, tally);
        batch
    };
    let tally = |asked, refused| Tally {
        asked,
        refused,
        ..Tally::of(12)
    };
    let mut held_back = batch(3, BatchPhase::Unsent, tally(5, 0));
    held_back.waiting_until = Some(state.now.plus_millis(42_000));
    let why = "3 asked, 9 left · no whole answer came back · it may have cost 1 credit";
    state.batches = vec![
        batch(1, BatchPhase::Done, tally(11, 1)),
        batch(2, BatchPhase::Stopped(why.into()), tally(3, 0)),
        held_back,
        batch(4, BatchPhase::Sent, tally(7, 1)),
    ];
    state.popups = vec![Popup::Tasks(TasksView { cursor: 1 })];
    state
}

/// Words are typed; what was seen before matches.
pub fn typing(size: (u16, u16)) -> State {
    let mut state = listening(size);
    let text = "slow sad piano, no vocals, under 80 bpm";
    state.query.input = Input::new(text.into());
    state.query.price = Price::OneCredit;
    state.filters.active = Filters::default();
    state.live.understood = understand(text, &state.filters.vocabulary, &BTreeSet::new());
    state.live.behind = Some(Box::default());
    state.live.found = Some(Found {
        whole: 12,
        more: false,
        close: 0,
    });
    state.results.all.truncate(12);
    state.results.rows = (0..12).collect();
    state.results.selected = 0;
    state.results.source = Source::Library;
    state.focus = Focus::Query;
    state
}

pub fn search(query: &str, offset: u32) -> SearchRequest {
    let filters = Filters {
        has_vocals: Some(false),
        max_bpm: Some(95),
        ..Filters::default()
    };
    SearchRequest::new(query, filters, 100, offset).unwrap()
}

/// A search is on its way; the old rows stay, dimmed.
pub fn asking(size: (u16, u16)) -> State {
    let mut state = listening(size);
    state.query.input = Input::new("tense strings that build to a reveal".into());
    state.query.price = Price::OneCredit;
    state.results.running = Some(Running {
        generation: 1,
        request: search("tense strings that build to a reveal", 0),
        sent: true,
        waiting_until: None,
        adds_page: false,
        touched: false,
    });
    state
}

/// The same, held back by a rate limit.
pub fn waiting(size: (u16, u16)) -> State {
    let mut state = asking(size);
    let until = Some(NOW.plus_millis(22_400));
    state.account.waiting_until = until;
    state.account.minute_remaining = Some(0);
    if let Some(running) = &mut state.results.running {
        running.sent = false;
        running.waiting_until = until;
    }
    state
}

/// The filters have the focus, and narrow the rows.
pub fn filtering(size: (u16, u16)) -> State {
    let mut state = listening(size);
    state.focus = Focus::Filters;
    state.filters.row = FilterRow::MaxBpm;
    state.filters.active.energy = Some(Energy::Low);
    state.results.arrange(&state.filters.active);
    state.results.source = Source::Cache { age_seconds: 7_400 };
    state
}

/// No row passes the filters.
pub fn none_pass(size: (u16, u16)) -> State {
    let mut state = listening(size);
    state.results.rows.clear();
    state.results.selected = 0;
    state.focus = Focus::Filters;
    state
}

/// The balance is used up, and the last search was refused.
pub fn out_of_credits(size: (u16, u16)) -> State {
    let mut state = fresh(size);
    state.query.input = Input::new("bright funk".into());
    state.account.credits = Some(0);
    state.account.out_of_credits = true;
    state.account.unsure = 1;
    state.query.price = Price::Refused("no credits left: wait for the reset, or top up at app.trackyard.com/billing".into());
    state.results.problem = Some(
        "Trackyard says that no credits are left (402). Nothing was charged. The vendor speaks of a monthly reset and of a one-time balance; \
         see app.trackyard.com/billing."
            .into(),
    );
    state.status.message = Some((Severity::Error, "Out of credits; what was seen before stays free.".into()));
    state
}

/// The sandbox, silent, with everything unusual about the player.
pub fn sandbox(size: (u16, u16)) -> State {
    let mut state = listening(size);
    state.server = Server {
        host: "127.0.0.1:40123".into(),
        is_vendor: false,
        is_sandbox: true,
        has_key: true,
    };
    state.focus = Focus::Query;
    state.query.input = Input::new("moody lo-fi, but faster".into());
    state.query.price = Price::OneCredit;
    state.player.device = Device::Silent("no audio device was found".into());
    state.player.phase = Phase::Paused;
    state.player.waveform = waveform(18, false);
    state.player.auto_audition = false;
    state.player.muted = true;
    state.player.repeat = true;
    state.player.loop_in = Some(Duration::from_secs(8));
    state.player.loop_out = Some(Duration::from_secs(16));
    state.results.skipped = 2;
    state.status.message = Some((Severity::Success, "Saved Paper Lanterns.mp3".into()));
    state
}

/// So many rows, each with its number for a title.
pub fn numbered(rows: usize, size: (u16, u16)) -> State {
    let mut state = listening(size);
    let like = track(0);
    state.results.all = (0..rows)
        .map(|number| {
            Arc::new(Track {
                id: TrackId::new(&format!("trk_{number}")).unwrap(),
                title: Clean::new(&format!("No {number}.")),
                ..like.clone()
            })
        })
        .collect();
    state.results.rows = (0..rows).collect();
    state
}
