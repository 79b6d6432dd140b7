//! What costs something, and by which words.

use super::*;

#[test]
fn from_words_to_a_file_for_exactly_two_credits() {
    let house = House::new();
    let said = talk(
        &house,
        &[
            "search calm piano for a rainy scene",
            "ask",
            "list",
            "describe 2",
            "play 2",
            "where",
            "download 2",
            "buy",
            "downloads",
            "account",
        ],
    );
    let order = [
        "costs 1 credit",
        "Say ask to spend it",
        "100 tracks from the sandbox",
        "1 credit spent, 49 left",
        "1 to 10 of 100",
        "Title: ",
        "Playing ",
        " left. Say buy to spend it",
        "Saved for 1 credit",
        "saved as ",
        "Credits: 48 of 50",
    ];
    let mut last = 0;
    for words in order {
        // The sandbox of the house is not the embedded one, so its name is its host.
        let words = words.replace("the sandbox", "127.0.0.1");
        let at = last + heard(&said[last..], &words);
        last = at;
    }
    assert_eq!((house.sandbox.charged(), house.paid_requests()), (2, 2));
    let files: Vec<_> = std::fs::read_dir(house.music())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(files.len(), 1);
    assert!(decoded(&files[0]).0 > 60.0);
}

#[test]
fn nothing_is_spent_without_the_word_right_after_its_question() {
    let house = House::new();
    let scripts: &[&[&str]] = &[
        // The end of the input says no.
        &["search calm piano"],
        // Other words say no, and so does `yes`.
        &["search calm piano", "yes", "y", "buy", "ask again", "ask more"],
        // Nothing was asked about.
        &["ask", "buy", "buy again"],
        // The words are others than those whose price was told.
        &["search calm piano", "filter energy low", "ask"],
        &["search calm piano", "filter energy low", "filter clear", "ask"],
        // Something was said in between that is about something else.
        &["search calm piano", "shortlist", "ask"],
        &["search calm piano", "cancel", "ask"],
        &["search calm piano", "bye", "ask"],
    ];
    for script in scripts {
        let (said, _) = talk_with(&house, &[], &[], script);
        assert_eq!(house.paid_requests(), 0, "{script:?}: {said:#?}");
    }
    talk(&house, &["search calm piano", "ask"]);
    assert_eq!(house.sandbox.charged(), 1);
    let scripts: &[&[&str]] = &[
        &["search calm piano", "download 1"],
        &["search calm piano", "download 1", "list", "buy"],
        &["search calm piano", "download 1", "no", "buy"],
        &["search calm piano", "download 1", "y"],
        &["search calm piano", "download 1", "ask"],
        &["search calm piano", "download 1", "buy again"],
        &["search calm piano", "more", "ask"],
        &["search calm piano", "again", "ask"],
    ];
    for script in scripts {
        let (said, _) = talk_with(&house, &[], &[], script);
        assert_eq!(house.paid_requests(), 1, "{script:?}: {said:#?}");
        heard(&said, "credit");
    }
}

#[test]
fn what_is_only_read_between_a_price_and_its_word_leaves_it_open() {
    let house = House::new();
    let said = talk(&house, &["search calm piano", "help ask", "list", "account", "filter moods", "ask"]);
    let price = heard(&said, "Say ask to spend it");
    assert!(heard(&said, "Credits: 50 of 50") > price);
    heard(&said, "1 credit spent, 49 left");
    assert_eq!((house.sandbox.charged(), house.paid_requests()), (1, 1));
}

#[test]
fn briefs_are_gone_through_by_words_and_each_that_is_asked_costs_one_credit() {
    let house = House::new();
    let file = house.path().join("day.txt");
    std::fs::write(&file, "calm piano\nbright funk\n").unwrap();
    let open = format!("briefs {}", file.display());
    let said = talk(
        &house,
        &[
            "search calm piano",
            "ask",
            &open,
            "next-brief",
            "ask",
            "shortlist 1",
            "briefs",
            "briefs 1",
            "previous-brief",
        ],
    );
    let order = [
        "2 briefs of ",
        "Brief 1 of 2: “calm piano”; asked just now",
        "100 tracks asked just now, nothing spent",
        "Brief 2 of 2: “bright funk”; not asked yet",
        "“bright funk” costs 1 credit",
        "1 credit spent, 48 left",
        "1: “calm piano”; asked just now",
        "2: “bright funk”; asked just now; 1 track on its shortlist, here",
        "Brief 1 of 2",
        "That was the first brief.",
    ];
    let mut last = 0;
    for words in order {
        last += heard(&said[last..], words);
    }
    assert_eq!((house.sandbox.charged(), house.paid_requests()), (2, 2));
    let (said, exit) = talk_with(&house, &[], &[], &["briefs /nowhere.csv", "next-brief", "tasks"]);
    heard(&said, "Error: /nowhere.csv: ");
    heard(&said, "No briefs are open: say briefs");
    heard(&said, "Nothing is under way");
    assert_eq!(exit, 1);
}

/// `talk` sees to it that only text is written.
#[test]
fn a_pipe_is_not_rung_whatever_the_configuration_says() {
    for way in ["bell", "osc9", "osc777"] {
        let house = House::new();
        let config = house.path().join(".config/trackyard-tui/config.toml");
        std::fs::create_dir_all(config.parent().unwrap()).unwrap();
        std::fs::write(&config, format!("notify = \"{way}\"\n")).unwrap();
        let said = talk(&house, &["search calm piano", "ask", "download 1", "buy", "copy 1"]);
        heard(&said, "Saved for 1 credit");
    }
}

#[test]
fn what_was_asked_before_is_shown_at_once_for_nothing() {
    let house = House::new();
    talk(&house, &["search calm piano", "ask"]);
    let said = talk(&house, &["search  Calm  PIANO", "list 95", "earlier"]);
    heard(&said, "just now: free");
    heard(&said, "100 tracks asked just now, nothing spent");
    heard(&said, "95 to 100 of 100, the last");
    heard(&said, "calm piano");
    let said = talk(&house, &["search piano calm", "near", "describe"]);
    heard(&said, "Nearly the same");
    heard(&said, "nothing spent");
    assert_eq!(house.sandbox.charged(), 1);
}

#[test]
fn the_next_page_and_the_same_anew_ask_with_words_of_their_own() {
    let house = House::new();
    let said = talk(
        &house,
        &[
            "search calm piano",
            "ask",
            "more",
            "ask more",
            "list 150",
            "again",
            "ask again",
            "list",
        ],
    );
    heard(&said, "tracks 101 to 200");
    heard(&said, "150: ");
    heard(&said, "asked again, although the answer is here");
    assert_eq!(house.sandbox.charged(), 3);
    // The page that was paid for comes for nothing, and nothing is asked.
    let said = talk(&house, &["search calm piano", "more", "list 150"]);
    heard(&said, "Free: this page was asked before");
    heard(&said, "150: ");
    assert_eq!(house.sandbox.charged(), 3);
}

#[test]
fn what_is_owned_is_said_and_only_buy_again_pays_again() {
    let house = House::new();
    talk(&house, &["search calm piano", "ask", "download 1", "buy"]);
    let (said, exit) = talk_with(&house, &[], &[], &["search calm piano", "download 1", "buy"]);
    heard(&said, "You own");
    assert_eq!((exit, house.sandbox.charged()), (1, 2), "buy means nothing there");
    talk(&house, &["search calm piano", "download 1", "buy again"]);
    assert_eq!(house.sandbox.charged(), 3);
}
