//! The credits pane, and the same in brief for the border of the query pane.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::line::{columns, joined, stack};
use super::pane::Pane;
use super::spinner::seconds_left;
use super::theme::Theme;
use super::{format, gauge};
use crate::state::{AccountState, State};

/// Requests a minute up to this many are drawn as dots, more as numbers.
const MOST_DOTS: u64 = 10;

/// Draws the pane.
pub fn draw(buf: &mut Buffer, area: Rect, state: &State, theme: &Theme) {
    let mut title = vec![Span::raw("Credits")];
    if let Some(tier) = &state.account.tier {
        title.push(Span::styled(format!(" · {}", crate::text::cut(tier, 12)), theme.dim));
    }
    if state.server.is_sandbox {
        title.push(Span::styled(" · sandbox", theme.warning));
    }
    let inside = Pane::new(title, false).foot_corner(foot(state, theme)).draw(buf, area, theme);
    let room = usize::from(inside.width);
    let lines = [
        Line::from(balance_line(&state.account, room, theme)),
        Line::from(trouble(state, theme).unwrap_or_else(|| limits(&state.account, room, theme))),
    ];
    stack(buf, inside, &lines);
}

/// The balance, and the minute's requests where there is room.
pub fn brief<'a>(state: &State, theme: &Theme, room: usize) -> Vec<Span<'a>> {
    let account = &state.account;
    let mut groups = Vec::new();
    if state.server.is_sandbox {
        groups.push(vec![Span::styled("sandbox", theme.warning)]);
    }
    if let Some(trouble) = trouble(state, theme) {
        groups.push(trouble);
    } else if account.credits.is_some() {
        groups.push(balance_line(account, 24.min(room), theme));
        groups.push(minute(account, theme));
    }
    groups.retain(|group| !group.is_empty());
    let whole: usize = groups.iter().map(|group| columns(group) + 3).sum();
    if whole > room + 3 && groups.len() > 1 {
        // The balance matters more than where it is.
        groups.rotate_left(usize::from(state.server.is_sandbox));
    }
    joined(groups, &Span::styled(" · ", theme.faint), room)
}

fn balance_line<'a>(account: &AccountState, room: usize, theme: &Theme) -> Vec<Span<'a>> {
    let Some(credits) = account.credits else {
        return vec![Span::styled("balance not known yet", theme.faint)];
    };
    let allowance = account.allowance.filter(|allowance| *allowance > 0);
    let low = credits <= allowance.map_or(0, |allowance| allowance / 10);
    let words = match allowance {
        Some(allowance) if (0..=allowance).contains(&credits) => format!(" of {allowance}"),
        _ if credits == 1 => " credit".to_owned(),
        _ => " credits".to_owned(),
    };
    let text = [
        Span::styled(format::balance(credits), if low { theme.warning } else { theme.strong }),
        Span::styled(words, theme.dim),
    ];
    let mut line = Vec::new();
    if let Some(allowance) = allowance {
        let bar = room.saturating_sub(columns(&text) + 2).min(24);
        if bar >= 5 {
            let full = if low { theme.warning } else { theme.gauge };
            line.extend(gauge::bar(credits as f64 / allowance as f64, bar, full, theme));
            line.push(Span::raw("  "));
        }
    }
    line.extend(text);
    line
}

fn limits<'a>(account: &AccountState, room: usize, theme: &Theme) -> Vec<Span<'a>> {
    let day = match (account.day_remaining, account.day_limit) {
        (Some(left), Some(of)) => vec![
            Span::styled("day ", theme.faint),
            Span::styled(left.to_string(), theme.text),
            Span::styled(format!(" of {of}"), theme.dim),
        ],
        _ => Vec::new(),
    };
    let groups: Vec<_> = [minute(account, theme), day]
        .into_iter()
        .filter(|group| !group.is_empty())
        .collect();
    if groups.is_empty() {
        return vec![Span::styled("limits not known yet", theme.faint)];
    }
    joined(groups, &Span::raw("   "), room)
}

fn minute<'a>(account: &AccountState, theme: &Theme) -> Vec<Span<'a>> {
    let (Some(left), Some(of)) = (account.minute_remaining, account.minute_limit) else {
        return Vec::new();
    };
    let mut line = vec![Span::styled("minute ", theme.faint)];
    if of <= MOST_DOTS {
        line.extend(gauge::dots(left, of, theme));
    } else {
        line.push(Span::styled(left.to_string(), theme.text));
        line.push(Span::styled(format!(" of {of}"), theme.dim));
    }
    line
}

/// What stands in the way of asking, if anything.
fn trouble<'a>(state: &State, theme: &Theme) -> Option<Vec<Span<'a>>> {
    let account = &state.account;
    if let Some(until) = account.waiting_until.filter(|until| *until > state.now) {
        let seconds = seconds_left(state.now, until);
        return Some(vec![
            Span::styled("◷ ", theme.warning),
            Span::styled(format!("rate limit, goes on in {seconds} s"), theme.text),
        ]);
    }
    if account.out_of_credits {
        return Some(vec![Span::styled("✕ ", theme.error), Span::styled("out of credits", theme.text)]);
    }
    account
        .problem
        .as_ref()
        .map(|problem| vec![Span::styled("✕ ", theme.error), Span::styled(problem.clone(), theme.text)])
}

fn foot<'a>(state: &State, theme: &Theme) -> Vec<Span<'a>> {
    let account = &state.account;
    let mut groups = Vec::new();
    if account.unsure > 0 {
        groups.push(vec![Span::styled(format!("{} unsure", account.unsure), theme.warning)]);
    }
    let spent = format!("spent {}", account.spent);
    groups.push(vec![Span::styled(spent, if account.spent > 0 { theme.dim } else { theme.faint })]);
    if let Some(days) = account.days_left() {
        let text = format!("{} left", format::count(days as usize, "day"));
        groups.push(vec![Span::styled(text, if days < 3 { theme.warning } else { theme.dim })]);
    }
    if state.server.is_sandbox && groups.len() < 3 && account.days_left().is_none() {
        groups.push(vec![Span::styled("play money", theme.dim)]);
    }
    joined(groups, &Span::styled(" · ", theme.faint), usize::MAX)
}
