//! What `ask` and `buy` need: the price told, time to hear it, and nothing of it changed since.

use super::*;

/// The price of a search was told, and has been heard.
fn told_the_price(from: From) -> Talk {
    let mut talk = Talk::new(from);
    talk.say("search calm piano");
    talk.priced();
    talk.later();
    talk
}

#[test]
fn at_a_terminal_words_typed_ahead_of_their_question_do_not_count() {
    let mut talk = Talk::new(From::Terminal);
    talk.say("search calm piano");
    let said = talk.say("ask");
    assert!(said.contains("nothing to ask"), "{said}");
    talk.priced();
    talk.too_early();
    let said = talk.say("ask");
    assert!(said.contains("before the price could be heard"), "{said}");
    assert_eq!(talk.spends(), 0);
    talk.later();
    talk.say("ask");
    assert_eq!(talk.spends(), 1);

    talk.answered();
    talk.say("download 1");
    let said = talk.say("buy");
    assert!(said.contains("Nothing is asked about that buy would answer"), "{said}");
    talk.not_owned();
    talk.too_early();
    let said = talk.say("buy");
    assert!(said.contains("before the question could be heard"), "{said}");
    assert_eq!(talk.spends(), 1);
    talk.later();
    talk.say("buy");
    assert_eq!(talk.spends(), 2);
}

#[test]
fn a_line_that_is_about_something_else_leaves_the_search() {
    for between in [
        "buy",
        "search",
        "ask more",
        "cancel",
        "close",
        "more",
        "again",
        "near",
        "download",
        "shortlist",
        "shortlists",
        "briefs",
        "loop-in",
        "filter energy low",
        "nonsense",
    ] {
        let mut talk = told_the_price(From::Pipe);
        talk.say(between);
        let said = talk.say("ask");
        assert!(said.contains("nothing to ask"), "{between}: {said}");
        assert_eq!(talk.spends(), 0, "{between}");
    }
}

#[test]
fn what_only_reads_or_plays_leaves_it_open_and_one_ask_spends_once() {
    let lines = [
        "  ",
        "list",
        "help",
        "help actions",
        "describe",
        "where",
        "5",
        "play",
        "pause",
        "seek 3",
        "next",
        "previous",
        "sort bpm",
        "filter",
        "filter moods",
        "earlier",
        "account",
        "usage",
        "receipts",
        "downloads",
        "tasks",
        "message",
        "volume 50",
        "wait",
    ];
    for between in lines {
        let mut talk = told_the_price(From::Pipe);
        talk.say(between);
        talk.say("ask");
        assert_eq!(talk.spends(), 1, "{between}");
        let said = talk.say("ask");
        assert!(said.contains("nothing to ask"), "{between}: {said}");
        assert_eq!(talk.spends(), 1, "{between}");
    }
    // All of them, one after the other.
    let mut talk = told_the_price(From::Terminal);
    for between in lines {
        talk.say(between);
    }
    talk.say("ask");
    assert_eq!(talk.spends(), 1);
}

#[test]
fn tracks_seen_before_are_heard_and_then_the_words_are_asked() {
    let mut talk = told_the_price(From::Terminal);
    let matches = Matches {
        tracks: vec![heard_track(1), heard_track(2)],
        ..Matches::default()
    };
    talk.hear(Message::Matched(talk.plain.state.live.generation, matches));
    talk.say("list");
    talk.say("2");
    talk.say("play 1");
    talk.say("ask");
    let asked = talk.newest(|effect| match effect {
        Effect::Search { permit, .. } => Some(permit.request().query().to_owned()),
        _ => None,
    });
    assert_eq!((asked.as_str(), talk.spends()), ("calm piano", 1));
}

#[test]
fn words_typed_ahead_do_not_count_with_lines_between_either() {
    let mut talk = Talk::new(From::Terminal);
    for line in ["search calm piano", "help", "ask"] {
        talk.say(line);
    }
    talk.priced();
    assert_eq!(talk.spends(), 0, "it was said before the price was told");
    talk.too_early();
    talk.say("list");
    let said = talk.say("ask");
    assert!(said.contains("before the price could be heard"), "{said}");
    assert_eq!(talk.spends(), 0);
}

#[test]
fn what_was_another_ask_meanwhile_is_not_asked() {
    let mut talk = told_the_price(From::Terminal);
    for line in ["filter energy low", "filter clear", "ask"] {
        talk.say(line);
    }
    assert_eq!(talk.spends(), 0, "filters were others in between");
    // Nothing that happens by itself makes another ask of it either.
    let mut talk = told_the_price(From::Terminal);
    talk.plain.state.query.input = tui_input::Input::new("harsh techno".to_owned());
    let said = talk.say("ask");
    assert!(said.contains("say search again"), "{said}");
    assert_eq!(talk.spends(), 0);
}

#[test]
fn a_price_that_is_another_one_now_is_told_and_nothing_is_asked() {
    for (price, words) in [
        (Price::Cached { age_seconds: 60 }, "was asked 1 min ago: free"),
        (
            Price::Refused("the ledger cannot be read".into()),
            "Error: the ledger cannot be read",
        ),
        (Price::Checking, "Say ask once more"),
    ] {
        let mut talk = told_the_price(From::Terminal);
        talk.say("list");
        let request = talk.newest(|effect| match effect {
            Effect::Price(request) => Some(request.clone()),
            _ => None,
        });
        talk.hear(Message::Priced(request, price));
        let said = talk.say("ask");
        assert!(said.contains(words), "{said}");
        assert_eq!(talk.spends(), 0, "{said}");
    }
}
