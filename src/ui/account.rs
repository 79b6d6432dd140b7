//! What is known about the account, a fact each: for the popup, and for `--plain`.

use super::format::{balance, count, server_name};
use crate::state::State;

/// Label and value of each fact that is known.
pub fn facts(state: &State) -> Vec<(&'static str, String)> {
    let account = &state.account;
    let money = if state.server.is_sandbox { ", play money" } else { "" };
    let mut facts = vec![("Server", format!("{}{money}", server_name(&state.server)))];
    let mut fact = |label, value: Option<String>| facts.extend(value.map(|value| (label, value)));
    fact("Key", account.key_place.as_ref().map(|place| format!("from {place}")));
    fact("Tier", account.tier.as_ref().map(ToString::to_string));
    fact(
        "Credits",
        Some(match (account.credits, account.allowance) {
            (Some(left), Some(allowance)) => format!("{} of {allowance}", balance(left)),
            (Some(left), None) => balance(left),
            (None, _) => "not known yet".to_owned(),
        }),
    );
    let limit = |left: Option<u64>, of: Option<u64>| match (left, of) {
        (Some(left), Some(of)) => Some(format!("{left} of {of} left")),
        (None, Some(of)) => Some(of.to_string()),
        _ => None,
    };
    fact("Requests this minute", limit(account.minute_remaining, account.minute_limit));
    fact("Requests today", limit(account.day_remaining, account.day_limit));
    fact(
        "Spent here",
        Some(format!("{} in this session", count(account.spent as usize, "credit"))),
    );
    fact(
        "Unsure",
        (account.unsure > 0).then(|| format!("{}; receipts say which", count(account.unsure as usize, "request"))),
    );
    fact(
        "Will last",
        account
            .days_left()
            .map(|days| format!("{} at the pace of the last 7 days", count(days as usize, "day"))),
    );
    fact("Last use", account.last_used_at.as_ref().map(|at| moment(at)));
    fact("Made", account.created_at.as_ref().map(|at| moment(at)));
    facts
}

/// A time as the server writes it, shorter where it is one.
fn moment(written: &str) -> String {
    written
        .parse::<jiff::Timestamp>()
        .map_or_else(|_| written.to_owned(), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
}
