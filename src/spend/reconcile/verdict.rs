//! What the usage history proves about open rows, and what it does not.

use super::history::{History, Record};
use super::{ANSWER_TIME_MS, OpenRows, SentRow};

/// `Date` headers count whole seconds, and answers take their time: so far may a record be before or after, in milliseconds.
const SLACK_MS: i64 = 3_000;
/// A server that was slow to answer may write its record so long after we gave up.
const LATE_MS: i64 = 10_000;
/// A clock that was compared with the server's longer ago than this may have been set since.
const CLOCK_FRESH_MS: i64 = 10 * 60_000;

/// What is proven about a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finding {
    /// By the record of this time.
    Charged(i64),
    Free,
}

/// A row's time by the server's clock, within which its record lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Window {
    from: i64,
    to: i64,
}

impl Window {
    fn holds(self, at: i64) -> bool {
        (self.from..=self.to).contains(&at)
    }

    fn meets(self, other: Self) -> bool {
        self.from <= other.to && other.from <= self.to
    }
}

impl History {
    /// The earliest that a row's record can be, by the server's clock.
    pub(super) fn from(&self, row: &SentRow) -> Option<i64> {
        Some(self.window(row)?.from)
    }

    /// `None`: the server never told its time.
    fn window(&self, row: &SentRow) -> Option<Window> {
        let fresh = row
            .clock
            .filter(|(_, seen)| (seen - CLOCK_FRESH_MS..=seen + CLOCK_FRESH_MS).contains(&row.sent_ms));
        let ahead = fresh.map(|(server, seen)| server - seen).or(self.ahead_ms)?;
        let to = match (row.answered_ms, row.ended_ms) {
            (Some(answered), _) => answered + SLACK_MS,
            (None, Some(ended)) => ended + ahead + LATE_MS,
            (None, None) => row.sent_ms + ahead + ANSWER_TIME_MS + LATE_MS,
        };
        Some(Window {
            from: row.sent_ms + ahead - SLACK_MS,
            to,
        })
    }
}

/// Says what is proven about each open row. That nothing is there proves something only at the last look.
pub(super) fn judge(rows: OpenRows, history: &History, last: bool) -> Vec<(SentRow, Finding)> {
    let placed = |rows: Vec<SentRow>| -> Vec<(SentRow, Window)> {
        rows.into_iter()
            .filter_map(|row| history.window(&row).map(|window| (row, window)))
            .collect()
    };
    let (open, flying) = (placed(rows.open), placed(rows.flying));
    let charged = placed(rows.charged);
    let (unexplained, missing) = explain(charged.clone(), history);
    let mut findings = Vec::new();
    for group in groups(open.clone()) {
        let Some(endpoint) = group.first().map(|(row, _)| row.endpoint.clone()) else {
            continue;
        };
        let span = span(&group);
        let same = |row: &SentRow| row.endpoint == endpoint;
        // A call without a time, or a history that lacks what we know of, proves nothing.
        if history.unclear.contains(&endpoint.as_str()) || missing.iter().any(|(row, window)| same(row) && window.meets(span)) {
            continue;
        }
        let mut here: Vec<i64> = unexplained
            .iter()
            .filter(|record| record.endpoint == endpoint && span.holds(record.at_ms))
            .map(|record| record.at_ms)
            .collect();
        if here.is_empty() {
            // Where charged rows of about that time could have taken a record that is ours, nothing is proven.
            let certain = |at: i64| charged.iter().any(|(row, _)| same(row) && row.usage_ms == Some(at));
            let beside: Vec<Window> = charged
                .iter()
                .filter(|(row, window)| same(row) && row.usage_ms.is_none() && window.meets(span))
                .map(|(_, window)| *window)
                .collect();
            let around = |at: i64| span.holds(at) || beside.iter().any(|window| window.holds(at));
            let seen = history
                .records
                .iter()
                .filter(|record| record.endpoint == endpoint && around(record.at_ms) && !certain(record.at_ms))
                .count();
            if last && seen <= beside.len() {
                findings.extend(group.into_iter().map(|(row, _)| (row, Finding::Free)));
            }
            continue;
        }
        let in_flight = flying.iter().any(|(row, window)| same(row) && window.meets(span));
        let others = unexplained.iter().any(|record| {
            record.endpoint != endpoint
                && span.holds(record.at_ms)
                && !open
                    .iter()
                    .chain(&flying)
                    .any(|(row, window)| row.endpoint == record.endpoint && window.holds(record.at_ms))
        });
        // Fewer records than rows: which of them? More, or another kind: somebody else uses the key.
        if in_flight || others || here.len() != group.len() {
            continue;
        }
        here.sort_unstable();
        findings.extend(group.into_iter().zip(here).map(|((row, _), at)| (row, Finding::Charged(at))));
    }
    findings
}

/// Takes away the records that charged rows account for; gives back the rest, and the rows that have no record.
fn explain(mut charged: Vec<(SentRow, Window)>, history: &History) -> (Vec<Record>, Vec<(SentRow, Window)>) {
    let mut records = history.records.clone();
    records.sort_by_key(|record| record.at_ms);
    // Rows that were found by their record come first.
    charged.retain(|(row, _)| {
        let known = row.usage_ms.and_then(|at| {
            records
                .iter()
                .position(|record| record.endpoint == row.endpoint && record.at_ms == at)
        });
        known.map(|at| records.remove(at)).is_none()
    });
    // Of the rows that a record may belong to, the one that ends first has the least choice.
    records.retain(|record| {
        let row = charged
            .iter()
            .enumerate()
            .filter(|(_, (row, window))| row.endpoint == record.endpoint && window.holds(record.at_ms))
            .min_by_key(|(_, (_, window))| window.to)
            .map(|(index, _)| index);
        row.map(|index| charged.remove(index)).is_none()
    });
    (records, charged)
}

/// Rows of one call whose windows touch: within such a group, records cannot be told apart.
fn groups(mut rows: Vec<(SentRow, Window)>) -> Vec<Vec<(SentRow, Window)>> {
    rows.sort_by(|(a, at), (b, other)| (&a.endpoint, at.from).cmp(&(&b.endpoint, other.from)));
    let mut groups: Vec<Vec<(SentRow, Window)>> = Vec::new();
    for (row, window) in rows {
        match groups.last_mut() {
            Some(group) if group.iter().any(|(other, at)| other.endpoint == row.endpoint && at.meets(window)) => {
                group.push((row, window));
            }
            _ => groups.push(vec![(row, window)]),
        }
    }
    groups
}

fn span(group: &[(SentRow, Window)]) -> Window {
    Window {
        from: group.iter().map(|(_, window)| window.from).min().unwrap_or_default(),
        to: group.iter().map(|(_, window)| window.to).max().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{DOWNLOAD, SEARCH};
    use super::*;
    use crate::spend::ledger::SpendId;

    /// The server is an hour ahead.
    const AHEAD: i64 = 3_600_000;
    const NOW: i64 = 1_700_000_000_000;

    fn row(id: i64, endpoint: &str, sent: i64, ended: Option<i64>) -> SentRow {
        SentRow {
            id: SpendId::of(id),
            endpoint: endpoint.into(),
            what: String::new(),
            sent_ms: NOW + sent,
            ended_ms: ended.map(|ended| NOW + ended),
            clock: Some((NOW + AHEAD, NOW)),
            answered_ms: None,
            usage_ms: None,
            own: true,
        }
    }

    fn history(records: &[(&'static str, i64)]) -> History {
        History {
            records: records
                .iter()
                .map(|(endpoint, at)| Record {
                    endpoint,
                    at_ms: NOW + AHEAD + at,
                })
                .collect(),
            unclear: Vec::new(),
            ahead_ms: Some(AHEAD),
        }
    }

    fn open(rows: &[SentRow]) -> OpenRows {
        OpenRows {
            open: rows.to_vec(),
            ..OpenRows::default()
        }
    }

    fn findings(rows: OpenRows, history: &History, last: bool) -> Vec<Finding> {
        judge(rows, history, last).into_iter().map(|(_, finding)| finding).collect()
    }

    fn charged(at: i64) -> Finding {
        Finding::Charged(NOW + AHEAD + at)
    }

    #[test]
    fn a_record_in_the_window_by_the_servers_clock_means_charged() {
        let lost = open(&[row(1, SEARCH, 0, Some(5_000))]);
        assert_eq!(findings(lost.clone(), &history(&[(SEARCH, 200)]), false), [charged(200)]);
        // By our own clock it would lie in the window.
        let ours = history(&[(SEARCH, 200 - AHEAD)]);
        assert_eq!(findings(lost.clone(), &ours, true), [Finding::Free]);
        // Another call is no answer to this one.
        assert_eq!(findings(lost.clone(), &history(&[(DOWNLOAD, 200)]), true), [Finding::Free]);
        assert_eq!(
            findings(lost.clone(), &history(&[(SEARCH, -20_000), (SEARCH, 60_000)]), true),
            [Finding::Free]
        );
    }

    #[test]
    fn no_record_means_free_at_the_last_look_only() {
        let lost = open(&[row(1, SEARCH, 0, Some(5_000))]);
        assert_eq!(findings(lost.clone(), &history(&[]), false), []);
        assert_eq!(findings(lost, &history(&[]), true), [Finding::Free]);
    }

    #[test]
    fn a_record_that_another_row_explains_proves_nothing() {
        let mut rows = open(&[row(1, SEARCH, 0, Some(5_000))]);
        rows.charged = vec![SentRow {
            answered_ms: Some(NOW + AHEAD + 2_000),
            ..row(2, SEARCH, 1_000, Some(2_000))
        }];
        assert_eq!(findings(rows.clone(), &history(&[(SEARCH, 1_500)]), true), [Finding::Free]);
        assert_eq!(
            findings(rows.clone(), &history(&[(SEARCH, 500), (SEARCH, 1_500)]), true).len(),
            1,
            "one explained, one not"
        );
        // A history that does not have what is known to be charged is behind.
        assert_eq!(findings(rows, &history(&[]), true), []);
    }

    #[test]
    fn a_charged_row_that_may_have_taken_our_record_leaves_us_unsure() {
        let rows = OpenRows {
            open: vec![row(2, SEARCH, 3_000, Some(5_000))],
            charged: vec![row(1, SEARCH, 2_000, Some(20_000))],
            ..OpenRows::default()
        };
        assert_eq!(findings(rows, &history(&[(SEARCH, 5_000), (SEARCH, 18_000)]), true), []);
    }

    #[test]
    fn a_row_that_was_settled_keeps_its_record() {
        let mut rows = open(&[row(1, SEARCH, 0, Some(5_000))]);
        rows.charged = vec![SentRow {
            usage_ms: Some(NOW + AHEAD + 900),
            ..row(2, SEARCH, -90_000, None)
        }];
        assert_eq!(findings(rows, &history(&[(SEARCH, 900)]), true), [Finding::Free]);
    }

    #[test]
    fn what_cannot_be_told_apart_stays_unknown() {
        let lost = open(&[row(1, SEARCH, 0, Some(5_000))]);
        // Two records for one row, or another call that nobody here made: another client.
        assert_eq!(findings(lost.clone(), &history(&[(SEARCH, 100), (SEARCH, 200)]), true), []);
        assert_eq!(findings(lost.clone(), &history(&[(SEARCH, 100), (DOWNLOAD, 200)]), true), []);
        // One record for two rows.
        let two = open(&[row(1, SEARCH, 0, Some(5_000)), row(2, SEARCH, 1_000, Some(6_000))]);
        assert_eq!(findings(two.clone(), &history(&[(SEARCH, 1_100)]), true), []);
        assert_eq!(
            findings(two, &history(&[(SEARCH, 100), (SEARCH, 1_100)]), true),
            [charged(100), charged(1_100)]
        );
        // A record that may belong to a request in flight.
        let mut flying = lost.clone();
        flying.flying = vec![row(3, SEARCH, 4_000, None)];
        assert_eq!(findings(flying, &history(&[(SEARCH, 4_100)]), true), []);
        // A record without a time.
        let mut unclear = history(&[]);
        unclear.unclear = vec![SEARCH];
        assert_eq!(findings(lost.clone(), &unclear, true), []);
        // A server that never told its time.
        let mut rows = lost;
        rows.open[0].clock = None;
        let mut timeless = history(&[(SEARCH, 100)]);
        timeless.ahead_ms = None;
        assert_eq!(findings(rows, &timeless, true), []);
    }

    #[test]
    fn a_search_and_a_download_lost_together_are_told_apart() {
        let both = open(&[row(1, SEARCH, 0, Some(5_000)), row(2, DOWNLOAD, 1_000, Some(6_000))]);
        let found = judge(both, &history(&[(DOWNLOAD, 1_200), (SEARCH, 200)]), true);
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|(_, finding)| matches!(finding, Finding::Charged(_))));
    }

    #[test]
    fn an_old_comparison_of_clocks_gives_way_to_a_new_one() {
        let mut rows = open(&[row(1, SEARCH, 0, Some(5_000))]);
        rows.open[0].clock = Some((NOW - 86_400_000, NOW - 86_400_000));
        assert_eq!(findings(rows, &history(&[(SEARCH, 200)]), true), [charged(200)]);
    }

    #[test]
    fn a_window_holds_its_first_and_its_last_moment_and_no_other() {
        let lost = open(&[row(1, SEARCH, 0, Some(5_000))]);
        for (at, finding) in [
            (-SLACK_MS, charged(-SLACK_MS)),
            (5_000 + LATE_MS, charged(5_000 + LATE_MS)),
            (-SLACK_MS - 1, Finding::Free),
            (5_000 + LATE_MS + 1, Finding::Free),
        ] {
            assert_eq!(findings(lost.clone(), &history(&[(SEARCH, at)]), true), [finding], "{at}");
        }
        // One whose program died had a minute to be answered.
        let died = open(&[row(1, SEARCH, 0, None)]);
        assert_eq!(findings(died, &history(&[(SEARCH, 65_000)]), true), [charged(65_000)]);
        // Windows that only touch: the record may be of either.
        let two = open(&[row(1, SEARCH, 0, Some(5_000)), row(2, SEARCH, 5_000 + LATE_MS + SLACK_MS, None)]);
        assert_eq!(findings(two, &history(&[(SEARCH, 5_000 + LATE_MS)]), true), []);
    }

    #[test]
    fn a_comparison_of_clocks_just_before_it_was_sent_counts() {
        let mut rows = open(&[row(1, SEARCH, 5_000, Some(6_000))]);
        rows.open[0].clock = Some((NOW + AHEAD, NOW));
        let mut timeless = history(&[(SEARCH, 5_100)]);
        timeless.ahead_ms = None;
        assert_eq!(findings(rows, &timeless, true), [charged(5_100)]);
    }

    #[test]
    fn each_charged_row_takes_the_record_that_fits_it_alone() {
        let answered = |at: i64, row: SentRow| SentRow {
            answered_ms: Some(NOW + AHEAD + at),
            ..row
        };
        // The server may write its record a little after it answered.
        let mut rows = open(&[row(1, SEARCH, 0, Some(5_000))]);
        rows.charged = vec![answered(2_000, row(2, SEARCH, 1_000, Some(2_000)))];
        assert_eq!(findings(rows, &history(&[(SEARCH, 4_900)]), true), [Finding::Free]);
        // The one that ends first has the least choice.
        let mut rows = open(&[row(1, SEARCH, 5_000, Some(8_000))]);
        rows.charged = vec![row(2, SEARCH, 0, Some(20_000)), answered(1_000, row(3, SEARCH, 0, Some(1_000)))];
        assert_eq!(
            findings(rows, &history(&[(SEARCH, 1_000), (SEARCH, 20_000)]), true),
            [Finding::Free]
        );
        // A download that lacks its record says nothing about a search, and takes none of its records.
        let mut rows = open(&[row(1, SEARCH, 0, Some(5_000))]);
        rows.charged = vec![row(2, DOWNLOAD, 1_000, Some(2_000))];
        assert_eq!(findings(rows.clone(), &history(&[]), true), [Finding::Free]);
        rows.charged[0].usage_ms = Some(NOW + AHEAD + 900);
        assert_eq!(findings(rows, &history(&[(SEARCH, 900), (DOWNLOAD, 900)]), true), [charged(900)]);
    }

    #[test]
    fn a_row_whose_record_is_known_takes_no_other() {
        let settled = SentRow {
            usage_ms: Some(NOW + AHEAD + 4_000),
            ..row(3, SEARCH, 3_500, Some(4_500))
        };
        let rows = OpenRows {
            open: vec![row(2, SEARCH, 3_000, Some(5_000))],
            charged: vec![row(1, SEARCH, 2_000, Some(20_000)), settled],
            ..OpenRows::default()
        };
        let records = history(&[(SEARCH, 4_000), (SEARCH, 5_000), (SEARCH, 18_000)]);
        assert_eq!(findings(rows, &records, true), []);
    }
}
