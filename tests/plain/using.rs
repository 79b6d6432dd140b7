//! Everything else: filters, lists, sound, clips, what is read.

use super::*;

#[test]
fn filters_order_choices_and_lists_are_lines() {
    let house = House::new();
    let said = talk(
        &house,
        &[
            "search music for everything",
            "ask",
            "filter energy low",
            "filter",
            "filter bpm 60-100",
            "filter moods",
            "filter clear",
            "sort bpm",
            "1",
            "next",
            "previous",
            "unheard",
            "shortlist 3",
            "shortlist 4",
            "reject 5",
            "shortlists",
            "2",
            "note for the title",
            "up",
            "remove",
            "undo",
            "list",
            "export",
            "close",
            "project Another film",
            "close",
            "project",
            "like 1",
            "1",
            "take",
            "list",
            "copy 1",
            "volume 55",
            "volume",
            "auto",
            "sort energy",
        ],
    );
    for words in [
        "Filters: low energy.",
        "60–100 bpm",
        "Known moods: ",
        "No filters.",
        "Sorted: by BPM.",
        "is on the shortlist",
        "is rejected",
        ": 2 tracks",
        "note: for the title",
        "Exported: ",
        "Project Another film: 0 tracks",
        "The project at hand is Another film",
        "% alike: ",
        "from what you have seen before: free",
        "Copied ",
        "Volume: 55 %",
        "Sorted: by energy.",
    ] {
        heard(&said, words);
    }
    assert_eq!(house.sandbox.charged(), 1);
}

#[test]
fn sound_is_followed_by_words() {
    let house = House::new();
    let said = talk(
        &house,
        &[
            "search calm piano",
            "ask",
            "play 2",
            "pause",
            "seek 0:10",
            "seek +5",
            "seek 50 %",
            "loop in",
            "seek 0:20",
            "loop out",
            "where",
            "loop off",
            "peak",
            "play 3",
            "wait",
        ],
    );
    for words in [
        "Playing ",
        "Paused: ",
        "At 0:10 of ",
        "At 0:15 of ",
        "Loop from ",
        "Repeats",
        "Repeat off",
        "The preview has ended.",
    ] {
        heard(&said, words);
    }
}

#[test]
fn a_clip_is_fitted_and_bought_by_its_own_word() {
    let house = House::new();
    let (said, exit) = talk_with(
        &house,
        &[],
        &[],
        &[
            "search epic trailer",
            "ask",
            "clip 1",
            "length 20",
            "hit 8",
            "hit 30",
            "rehearse",
            "download",
            "no",
            "download",
            "buy",
            "close",
            "receipts",
        ],
    );
    for words in [
        "A clip of ",
        "Estimate: ",
        "Length: 20 s",
        "Hit point: 8.0 s",
        "Error: 30 s is not inside of the clip",
        "What: a clip of 20 s",
        "Left it: nothing spent.",
        "Saved for 1 credit",
        "a clip of 20 s, 1 credit",
    ] {
        heard(&said, words);
    }
    assert_eq!((house.sandbox.charged(), exit), (2, 1), "a hit point of 30 s was a mistake");
}

#[test]
fn the_history_the_receipts_and_the_help_are_read() {
    let house = House::new();
    let said = talk(
        &house,
        &[
            "search calm piano",
            "ask",
            "usage",
            "receipts",
            "receipts check",
            "help",
            "help download",
            "help copy",
            "copy 1",
            "copy 1",
            "help actions",
            "tasks",
            "message",
        ],
    );
    for words in [
        "/search, status 200, 1 credit",
        "search “calm piano”, 1 credit, 49 left",
        "bought files",
        "Searching:",
        "download [NUMBER]: ",
        "copy [NUMBER]: copies the track's id; again, a line for the credits",
        "Copied trk_",
        "licensed through Trackyard”",
        "loop-in: ",
        "redraw: the same as where",
        "Nothing is under way",
    ] {
        heard(&said, words);
    }
}
