//! What is under way, and the briefs of a batch.

use super::*;
use crate::api::{Filters, SearchRequest};
use crate::app::BatchNews;
use crate::state::{BatchId, BriefList, OpenBrief};

fn cancels(talk: &Talk) -> usize {
    talk.count(|effect| matches!(effect, Effect::CancelSearch(_) | Effect::CancelDownload(_)))
}

/// A search was asked for, and is not sent yet.
fn asking() -> Talk {
    let mut talk = Talk::new(From::Terminal);
    talk.say("search calm piano");
    talk.priced();
    talk.later();
    talk.say("ask");
    talk
}

fn generation(talk: &Talk) -> u64 {
    talk.plain.state.results.running.as_ref().unwrap().generation
}

#[test]
fn a_search_that_is_not_sent_is_listed_and_cancelled_by_its_number() {
    let mut talk = asking();
    let said = talk.say("tasks");
    assert!(said.contains("1: search “calm piano”: not sent yet"), "{said}");
    let said = talk.say("cancel 2");
    assert!(said.contains("no such task"), "{said}");
    assert_eq!(cancels(&talk), 0);
    let said = talk.say("cancel 1");
    assert!(said.contains("Cancelled before it was sent: nothing spent."), "{said}");
    assert_eq!(cancels(&talk), 1);
    let said = talk.say("tasks");
    assert!(said.contains("Nothing is under way"), "{said}");
}

#[test]
fn a_search_that_is_held_back_says_for_how_long() {
    let mut talk = asking();
    let generation = generation(&talk);
    talk.hear(Message::Search(generation, SearchNews::Waiting(Duration::from_hours(1))));
    let said = talk.say("tasks");
    assert!(said.contains("not sent: the rate limit opens in "), "{said}");
    let said = talk.say("cancel");
    assert!(said.contains("Cancelled before it was sent"), "{said}");
}

#[test]
fn what_was_sent_is_listed_and_not_cancelled() {
    let mut talk = asking();
    let generation = generation(&talk);
    talk.hear(Message::Search(generation, SearchNews::Sent));
    let said = talk.say("cancel");
    assert!(said.contains("Not waiting any more"), "{said}");
    let said = talk.say("tasks");
    assert!(said.contains("1: an earlier search: sent and not waited for"), "{said}");
    let said = talk.say("cancel 1");
    assert!(said.contains("it is not cancelled"), "{said}");
    assert_eq!(cancels(&talk), 0);
}

#[test]
fn a_number_is_that_of_the_list_that_was_told() {
    let mut talk = Talk::among_tracks(From::Terminal);
    bought(&mut talk);
    talk.say("search harsh techno");
    talk.priced();
    talk.later();
    talk.say("ask");
    let said = talk.say("tasks");
    assert!(
        said.contains("1: search “harsh techno”") && said.contains("2: download of Title 1 by Ada: not sent yet"),
        "{said}"
    );
    talk.answered();
    let said = talk.say("cancel 1");
    assert!(said.contains("not there any more"), "{said}");
    assert_eq!(cancels(&talk), 0, "the download has another number now, and was not meant");
    let said = talk.say("cancel 2");
    assert!(said.contains("Giving it up"), "{said}");
    assert_eq!(cancels(&talk), 1);
}

#[test]
fn a_download_is_given_up_without_a_number_too_and_goes_off_the_list_once_it_is_over() {
    let mut talk = Talk::among_tracks(From::Terminal);
    bought(&mut talk);
    let said = talk.say("cancel");
    assert!(said.contains("Giving it up") && !said.contains("nothing to cancel"), "{said}");
    assert_eq!(cancels(&talk), 1);
    let id = talk.plain.state.downloads[0].id;
    talk.hear(Message::Download(id, failed()));
    let said = talk.say("tasks");
    assert!(said.contains("1: download of Title 1 by Ada: the disk is full"), "{said}");
    let said = talk.say("cancel 1");
    assert!(said.contains("off the list"), "{said}");
    assert!(talk.plain.state.downloads.is_empty());
    let said = talk.say("cancel");
    assert!(said.contains("nothing to cancel"), "{said}");
}

fn brief(line: usize, query: &str, age_seconds: Option<u64>) -> OpenBrief {
    OpenBrief {
        line,
        request: SearchRequest::new(query, Filters::default(), 100, 0).unwrap(),
        project: format!("Film {line}"),
        age_seconds,
        ask: line,
        refused: false,
    }
}

fn three_briefs() -> BriefList {
    BriefList {
        file: "/day.csv".into(),
        briefs: vec![
            brief(2, "calm piano", Some(60)),
            brief(3, "bright funk", None),
            brief(4, "tense strings", Some(7200)),
        ],
        shortlisted: [("Film 4".to_owned(), 2)].into(),
        ..BriefList::default()
    }
}

/// A file of briefs is open.
fn briefed() -> (Talk, String) {
    let mut talk = Talk::new(From::Terminal);
    talk.say("briefs \"/day.csv\"");
    let file = talk.newest(|effect| match effect {
        Effect::LoadBriefs(file) => Some(file.clone()),
        _ => None,
    });
    assert_eq!(file.to_str(), Some("/day.csv"));
    let said = talk.hear(Message::Briefs(Ok(Box::new(three_briefs()))));
    (talk, said)
}

#[test]
fn briefs_are_opened_read_and_gone_to() {
    let (mut talk, said) = briefed();
    assert!(said.contains("3 briefs of /day.csv"), "{said}");
    assert!(
        said.contains("Brief 1 of 3: “calm piano”; project Film 2; asked 1 min ago"),
        "{said}"
    );
    assert!(talk.plain.state.popups.is_empty());
    assert_eq!(talk.count(|effect| matches!(effect, Effect::Kept { .. })), 1);
    let said = talk.say("briefs");
    for words in [
        "1: “calm piano”; project Film 2; asked 1 min ago, here",
        "2: “bright funk”; project Film 3; not asked yet",
        "3: “tense strings”; project Film 4; asked 2 h ago; 2 tracks on its shortlist",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let said = talk.say("briefs 3");
    assert!(said.contains("Brief 3 of 3: “tense strings”"), "{said}");
    let said = talk.say("next-brief");
    assert!(said.contains("last brief") && !said.contains("Brief 3"), "{said}");
    let said = talk.say("previous-brief");
    assert!(said.contains("Brief 2 of 3: “bright funk”"), "{said}");
    let said = talk.say("briefs 4");
    assert!(said.contains("Error: There is no brief 4"), "{said}");
    assert_eq!(talk.spends(), 0);
}

#[test]
fn a_brief_that_was_not_asked_has_its_price_told_and_needs_the_word() {
    let (mut talk, _) = briefed();
    talk.say("next-brief");
    let said = talk.say("ask");
    assert!(said.contains("nothing to ask"), "its price was not told yet: {said}");
    let request = talk.newest(|effect| match effect {
        Effect::Price(request) => Some(request.clone()),
        _ => None,
    });
    talk.say("briefs 2");
    let said = talk.hear(Message::Priced(request, Price::OneCredit));
    assert!(
        said.contains("“bright funk” costs 1 credit") && said.contains("Say ask to spend it"),
        "{said}"
    );
    assert_eq!(talk.spends(), 0);
    talk.later();
    talk.say("ask");
    assert_eq!(talk.spends(), 1);
    let asked = talk.newest(|effect| match effect {
        Effect::Search { permit, .. } => Some(permit.request().query().to_owned()),
        _ => None,
    });
    assert_eq!(asked, "bright funk");
}

/// What is asked in one go, and its name.
fn batch_of(talk: &Talk) -> (BatchId, Vec<String>) {
    talk.newest(|effect| match effect {
        Effect::AskBatch { id, permits } => Some((*id, permits.iter().map(|permit| permit.request().query().to_owned()).collect())),
        _ => None,
    })
}

#[test]
fn all_that_is_missing_of_the_briefs_is_asked_by_the_words_that_its_price_names() {
    let mut talk = Talk::new(From::Terminal);
    assert!(talk.say("briefs ask").contains("Error: No briefs are open"));
    assert!(talk.say("help").contains("only spent by ask, ask more, ask again, ask all, buy"));
    let (mut talk, _) = briefed();
    let said = talk.say("briefs ask");
    assert!(
        said.contains("Price: up to 1 credit") && said.contains("Say ask all to spend it"),
        "{said}"
    );
    assert!(said.contains(": 1 different brief, one after the other"), "{said}");
    talk.later();
    assert!(!talk.asks_batch("yes") && !talk.asks_batch("ask"), "only its own words are a yes");
    talk.say("briefs ask");
    assert!(!talk.asks_batch("ask all"), "it was said before the question could be heard");
    talk.say("briefs ask");
    talk.later();
    assert!(talk.asks_batch("ask all"));
    let (id, asked) = batch_of(&talk);
    assert_eq!(asked, ["bright funk"]);
    talk.hear(Message::Batch(id, BatchNews::Sent));
    let said = talk.say("tasks");
    assert!(said.contains(": batch day.csv: 0 of 1 brief, sent: “bright funk”"), "{said}");
    let answer = BatchNews::Answered {
        number: 0,
        page: SearchPage {
            tracks: vec![one_track()],
            skipped: 0,
            received: 1,
        },
        source: Source::Server,
        limits: Limits::default(),
    };
    let said = talk.hear(Message::Batch(id, answer));
    assert!(said.contains("1 of 1 brief: “bright funk” is answered."), "{said}");
    let said = talk.hear(Message::Batch(id, BatchNews::Done));
    assert!(said.contains("The batch is done: 1 asked."), "{said}");
    assert!(!talk.plain.ended.unsure);
}

#[test]
fn a_batch_that_waits_says_so_and_one_that_may_have_cost_a_credit_is_unsure_at_the_end() {
    let (mut talk, _) = briefed();
    talk.say("briefs ask");
    talk.later();
    assert!(talk.asks_batch("ask all"));
    let (id, _) = batch_of(&talk);
    let said = talk.hear(Message::Batch(id, BatchNews::Waiting(Duration::from_secs(20))));
    assert!(said.contains("Rate limited: it goes on in 20 s"), "{said}");
    let said = talk.say("tasks");
    assert!(said.contains("0 of 1 brief, the rate limit opens in "), "{said}");
    let lost = BatchNews::Stopped(Failed::new(Charge::Unknown, "the connection was lost"));
    let said = talk.hear(Message::Batch(id, lost));
    assert!(
        said.contains("The batch has stopped") && said.contains("the connection was lost"),
        "{said}"
    );
    assert!(talk.plain.ended.unsure);
}

#[test]
fn a_price_told_for_one_brief_is_not_taken_for_the_next() {
    let (mut talk, _) = briefed();
    talk.say("briefs 2");
    talk.priced();
    talk.later();
    talk.say("briefs 3");
    let said = talk.say("ask");
    assert!(said.contains("nothing to ask"), "{said}");
    assert_eq!(talk.spends(), 0);
}

#[test]
fn without_briefs_the_word_that_opens_a_file_of_them_is_named() {
    let mut talk = Talk::new(From::Terminal);
    for line in ["briefs", "briefs 2", "next-brief", "previous-brief"] {
        let said = talk.say(line);
        assert!(said.contains("say briefs and the path of a file"), "{line}: {said}");
    }
    talk.say("briefs /nowhere.csv");
    let said = talk.hear(Message::Briefs(Err("/nowhere.csv: no such file".into())));
    assert_eq!(said.trim(), "Error: /nowhere.csv: no such file");
    assert!(talk.plain.state.popups.is_empty());
}
