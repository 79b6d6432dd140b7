//! The history of calls: a chart of credits by day, and a table.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::window::{Window, first_line, place_in, room};
use crate::api::UsageRecord;
use crate::state::UsageView;
use crate::text::{cut, pad};
use crate::ui::format::{count, count_of};
use crate::ui::line::{fit, stack};
use crate::ui::theme::Theme;
use crate::ui::wrap::wrap;

const COLUMNS: usize = 62;
/// Days in the chart.
const DAYS: usize = 28;
/// Lines above the table: the sum, how it went, the charts, air, the names of the columns.
const ABOVE: usize = 6;
/// So many lines have room for all of that and a table.
const ROOM_FOR_ALL: usize = 11;

/// Draws it.
pub fn draw(buf: &mut Buffer, view: &UsageView, theme: &Theme) {
    let size = (buf.area.width, buf.area.height);
    let (lines, height) = extent(size, view);
    let first = first_line(view.scroll, lines, height);
    let window = Window {
        title: "Usage",
        foot: foot(view, theme),
        foot_corner: place_in(first, lines, height, theme),
    };
    let inside = window.open(buf, (COLUMNS, wanted_rows(view)), theme);
    let wide = usize::from(inside.width);
    let note = match &view.problem {
        Some(problem) if view.records.is_empty() => Some((problem.as_str(), theme.warning)),
        _ if view.loading => Some(("Asking for the history of calls…", theme.dim)),
        _ if view.records.is_empty() => Some(("No calls yet.", theme.dim)),
        _ => None,
    };
    if let Some((note, style)) = note {
        let text: Vec<Line> = wrap(note, wide).into_iter().map(|line| Line::styled(line, style)).collect();
        stack(buf, inside, &text);
        return;
    }
    let mut above = vec![
        sum(view, theme),
        quality(&view.records, theme),
        chart(&view.records, "/search", wide, theme),
        chart(&view.records, "/download-track", wide, theme),
        Line::default(),
        header(wide, theme),
    ];
    above.truncate(above_rows(inside.height.into()));
    let below = Rect::new(
        inside.x,
        inside.y + above.len() as u16,
        inside.width,
        inside.height - above.len() as u16,
    );
    stack(buf, inside, &above);
    let rows: Vec<Line> = view
        .records
        .iter()
        .skip(first)
        .take(below.height.into())
        .map(|record| row(record, wide, theme))
        .collect();
    stack(buf, below, &rows);
}

/// How many lines the table has and how many are seen.
pub fn extent(size: (u16, u16), view: &UsageView) -> (usize, usize) {
    let (_, high) = room(size, (COLUMNS, wanted_rows(view)));
    (view.records.len(), high - above_rows(high))
}

/// How many lines above the table there is room for.
fn above_rows(high: usize) -> usize {
    if high >= ROOM_FOR_ALL { ABOVE } else { high.min(1) }
}

fn wanted_rows(view: &UsageView) -> usize {
    if view.records.is_empty() {
        3
    } else {
        (view.records.len() + ABOVE).max(ROOM_FOR_ALL)
    }
}

fn foot<'a>(view: &'a UsageView, theme: &Theme) -> Vec<Span<'a>> {
    let mut line = vec![Span::styled("Esc", theme.key), Span::styled(" closes   ", theme.dim)];
    line.push(match &view.problem {
        // What was fetched earlier is shown all the same.
        Some(_) => Span::styled("as kept here; nothing newer could be fetched", theme.warning),
        None => Span::styled("looking is free", theme.faint),
    });
    line
}

/// Failures and response times.
fn quality<'a>(records: &[UsageRecord], theme: &Theme) -> Line<'a> {
    let failures = records
        .iter()
        .filter(|record| record.status_code.is_some_and(|status| status >= 400))
        .count();
    let mut times: Vec<f64> = records.iter().filter_map(|record| record.response_time_ms).collect();
    times.sort_by(f64::total_cmp);
    let mut line = vec![Span::styled(
        count(failures, "failure"),
        if failures > 0 { theme.warning } else { theme.dim },
    )];
    let at = |part: f64| times.get(((times.len() as f64 * part).ceil() as usize).saturating_sub(1)).copied();
    if let (Some(median), Some(slow)) = (at(0.5), at(0.95)) {
        let text = format!(" · answered in {median:.0} ms, 19 of 20 within {slow:.0} ms");
        line.push(Span::styled(text, theme.dim));
    }
    Line::from(line)
}

fn sum<'a>(view: &UsageView, theme: &Theme) -> Line<'a> {
    let credits: i64 = view
        .records
        .iter()
        .filter_map(|record| record.credits_consumed)
        .fold(0, i64::saturating_add);
    let shown = view.records.len();
    let calls = match view.total {
        Some(total) if total > shown as u64 => format!("the newest {shown} of {total} calls"),
        _ => count(shown, "call"),
    };
    Line::from(vec![
        Span::styled(count_of(credits, "credit"), theme.strong),
        Span::styled(format!(" in {calls}"), theme.dim),
    ])
}

/// Credits spent on one endpoint on each of the last days up to the newest call.
fn chart<'a>(records: &[UsageRecord], endpoint: &'static str, wide: usize, theme: &Theme) -> Line<'a> {
    const BLOCKS: [&str; 9] = ["·", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    let day = |record: &UsageRecord| record.timestamp.map(|at| at.to_zoned_datetime(TimeZone::UTC).date());
    let Some(newest) = records.iter().filter_map(day).max() else {
        return Line::default();
    };
    let days = DAYS.min(wide / 2);
    let mut by_day = vec![0_i64; days];
    for record in records.iter().filter(|record| &*record.endpoint == endpoint) {
        if let Some(ago) = day(record).and_then(|date| days_before(newest, date)).filter(|ago| *ago < days) {
            let credits = record.credits_consumed.unwrap_or(0).max(0);
            by_day[days - 1 - ago] = by_day[days - 1 - ago].saturating_add(credits);
        }
    }
    let most = by_day.iter().copied().max().unwrap_or(0);
    let bars: String = by_day
        .iter()
        .map(|credits| BLOCKS[((*credits as f64 / most.max(1) as f64 * 8.0).ceil() as usize).min(8)])
        .collect();
    let name = endpoint.trim_start_matches('/').trim_end_matches("-track");
    let words = match most {
        0 => format!("  {name} · none in {days} days"),
        most => format!("  {name} · {days} days, most {most} a day"),
    };
    Line::from(fit(vec![Span::styled(bars, theme.gauge), Span::styled(words, theme.faint)], wide))
}

fn days_before(newest: Date, date: Date) -> Option<usize> {
    let days = (newest - date).get_days();
    usize::try_from(days).ok()
}

fn header<'a>(wide: usize, theme: &Theme) -> Line<'a> {
    Line::styled(cut(&columns("Time (UTC)", "Call", "Status", "Credits", "ms"), wide), theme.faint)
}

fn row<'a>(record: &UsageRecord, wide: usize, theme: &Theme) -> Line<'a> {
    let time = record
        .timestamp
        .map(|at| at.strftime("%b %d %H:%M:%S").to_string())
        .unwrap_or_default();
    let text = |number: Option<String>| number.unwrap_or_default();
    let line = columns(
        &time,
        &record.endpoint,
        &text(record.status_code.map(|status| status.to_string())),
        &text(record.credits_consumed.map(|credits| credits.to_string())),
        &text(record.response_time_ms.map(|ms| format!("{ms:.0}"))),
    );
    let style = match (record.status_code, record.credits_consumed) {
        (Some(400..), _) => theme.warning,
        (_, Some(1..)) => theme.text,
        _ => theme.dim,
    };
    Line::styled(cut(&line, wide), style)
}

fn columns(time: &str, call: &str, status: &str, credits: &str, ms: &str) -> String {
    format!(
        "{} {} {:>6}  {:>7} {:>7}",
        pad(time, 16),
        pad(call, 20),
        cut(status, 6),
        cut(credits, 7),
        cut(ms, 7)
    )
}
