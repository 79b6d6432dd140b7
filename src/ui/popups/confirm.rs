//! The question before a credit is spent.

use std::path::Path;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};

use super::clip::FULL_TRACK_HINT;
use super::window::{LABEL, Window, field, room};
use crate::api::{DownloadRequest, SearchRequest, Track};
use crate::spend::{Button, Confirmation};
use crate::state::{Ask, BatchAsk, Ownership, Rehearsed, Source, State};
use crate::ui::format::{age, balance, clock_seconds, count, path_tail, server_name};
use crate::ui::line::{columns, fit, joined};
use crate::ui::query::chip_words;
use crate::ui::theme::Theme;
use crate::ui::wrap::wrap;

/// Columns of content, where there is room.
const COLUMNS: usize = 62;
/// Briefs of a batch that are named.
const NAMED: usize = 4;
/// On the button that cannot be pressed.
const NOT_NOW: &str = "cannot be bought now";

/// A line, and how soon it has to go where there are too few rows; 0 stays.
struct Row<'a> {
    goes: u8,
    line: Line<'a>,
}

/// What the question is about, in words.
struct Question<'a> {
    title: &'static str,
    rows: Vec<Row<'a>>,
    close: &'static str,
    spend: String,
    /// Whether it can be said yes to at all.
    possible: bool,
}

/// Draws the popup.
pub fn draw(buf: &mut Buffer, ask: &Ask, confirmation: &Confirmation, state: &State, theme: &Theme) {
    let size = (buf.area.width, buf.area.height);
    let (wide, _) = room(size, (COLUMNS, 1));
    let question = question(ask, state, wide, theme);
    let armed = question.possible && confirmation.armed(state.now);
    let mut rows = question.rows;
    rows.extend(money(question.possible, ask, state, theme));
    let buttons = buttons(question.close, &question.spend, confirmation.focus(), armed, theme);
    let buttons_fit = columns(&buttons) <= wide;
    let needed = if buttons_fit { 2 } else { 3 };

    let (_, high) = room(size, (COLUMNS, rows.len() + needed));
    while rows.len() + needed - 1 > high {
        let Some(last) = rows
            .iter()
            .enumerate()
            .filter(|(_, row)| row.goes > 0)
            .max_by_key(|(_, row)| row.goes)
            .map(|(at, _)| at)
        else {
            break;
        };
        rows.remove(last);
    }
    let mut lines: Vec<Line> = rows.into_iter().map(|row| Line::from(fit(row.line.spans, wide))).collect();
    if lines.len() + needed <= high {
        lines.push(Line::default());
    }
    if buttons_fit {
        lines.push(Line::from(buttons).centered());
    } else {
        let half = buttons.len() / 2;
        let (close, spend) = buttons.split_at(half);
        lines.extend([Line::from(close.to_vec()), Line::from(fit(spend.to_vec(), wide))]);
    }

    let says_yes = match (question.possible, armed) {
        (true, true) => vec![Span::styled("y", theme.key), Span::styled(" confirms", theme.dim)],
        (true, false) => vec![Span::styled("y confirms", theme.faint)],
        (false, _) => Vec::new(),
    };
    let window = Window {
        title: question.title,
        foot: vec![Span::styled("any other key closes", theme.faint)],
        foot_corner: says_yes,
    };
    let inside = window.open(buf, (COLUMNS, lines.len()), theme);
    for (area, line) in inside.rows().zip(lines) {
        ratatui::widgets::Widget::render(line, area, buf);
    }
}

/// The button at a place: the popup is drawn once more, with a ground of its own for each kind of button.
pub fn button_at(ask: &Ask, confirmation: &Confirmation, state: &State, at: Position) -> Option<Button> {
    let ground = |color| Style::new().bg(color);
    let (other, focused, spends) = (Color::Indexed(1), Color::Indexed(2), Color::Indexed(3));
    let theme = Theme {
        button: ground(other),
        button_focused: ground(focused),
        button_spend: ground(spends),
        ..Theme::mono()
    };
    let mut buf = Buffer::empty(Rect::new(0, 0, state.size.0, state.size.1));
    draw(&mut buf, ask, confirmation, state, &theme);
    let under = buf.cell(at)?.bg;
    match confirmation.focus() {
        Button::Cancel if under == focused => Some(Button::Cancel),
        Button::Cancel if under == other => Some(Button::Spend),
        Button::Spend if under == other => Some(Button::Cancel),
        Button::Spend if under == spends => Some(Button::Spend),
        _ => None,
    }
}

fn question<'a>(ask: &'a Ask, state: &'a State, wide: usize, theme: &Theme) -> Question<'a> {
    match ask {
        Ask::Download {
            request,
            track,
            folder,
            file_name,
            ownership,
            rehearsed,
        } => {
            let path = folder.join(file_name).to_string_lossy().into_owned();
            let mut question = download(request, track, &path, (ownership, rehearsed.as_ref()), wide, theme);
            if state.offline {
                question.possible = false;
                if matches!(ownership, Ownership::Owned(_)) {
                    question.spend = NOT_NOW.to_owned();
                }
            }
            question
        }
        Ask::NextPage(request) => {
            let first = u64::from(request.offset()) + 1;
            let last = u64::from(request.offset()) + u64::from(request.limit());
            let mut rows = search_rows(request, wide, theme);
            rows.push(Row {
                goes: 2,
                line: field("Tracks", vec![Span::styled(format!("{first}–{last}"), theme.text)], theme),
            });
            if let Some((new, of)) = state.results.new_on_page {
                let were = if new == 1 { "was" } else { "were" };
                let told = vec![Span::styled(format!("{new} of {} {were} new", count(of, "track")), theme.text)];
                rows.push(Row {
                    goes: 2,
                    line: field("Last page", told, theme),
                });
            }
            Question {
                title: "The next page",
                rows,
                close: "Cancel",
                spend: "Ask: 1 credit".to_owned(),
                possible: true,
            }
        }
        Ask::Refresh(request) => {
            let mut rows = search_rows(request, wide, theme);
            if let Source::Cache { age_seconds } = state.results.source {
                let kept = vec![
                    Span::styled(format!("the answer from {}, ", age(age_seconds)), theme.text),
                    Span::styled("free", theme.success),
                ];
                rows.push(Row {
                    goes: 2,
                    line: field("Here is", kept, theme),
                });
            }
            Question {
                title: "Ask again",
                rows,
                close: "Cancel",
                spend: "Ask again: 1 credit".to_owned(),
                possible: true,
            }
        }
        Ask::Batch { file, asks } => Question {
            title: "Ask all that is missing",
            rows: batch_rows(file, asks, wide, theme),
            close: "Cancel",
            spend: format!("Ask: up to {}", count(asks.len(), "credit")),
            // Nothing is asked of any server in such a session.
            possible: !state.offline,
        },
    }
}

/// Which briefs, and how they are asked.
fn batch_rows<'a>(file: &Path, asks: &'a [BatchAsk], wide: usize, theme: &Theme) -> Vec<Row<'a>> {
    let mut rows = vec![
        Row {
            goes: 0,
            line: Line::styled(format!("{}, not answered yet", count(asks.len(), "different brief")), theme.strong),
        },
        Row {
            goes: 3,
            line: field(
                "File",
                vec![Span::styled(
                    path_tail(&file.to_string_lossy(), wide.saturating_sub(LABEL)),
                    theme.text,
                )],
                theme,
            ),
        },
    ];
    let named = asks.iter().take(NAMED).map(|ask| Row {
        goes: 5,
        line: Line::from(vec![Span::styled("· ", theme.faint), Span::styled(ask.request.query(), theme.text)]),
    });
    rows.extend(named);
    if let Some(more) = asks.len().checked_sub(NAMED).filter(|more| *more > 0) {
        rows.push(Row {
            goes: 5,
            line: Line::styled(format!("  and {more} more"), theme.dim),
        });
    }
    let how = "One after the other, at the pace of the rate limit. What is here by then is free, and the first failure stops it.";
    rows.extend(wrap(how, wide).into_iter().map(|line| Row {
        goes: 7,
        line: Line::styled(line, theme.dim),
    }));
    rows
}

fn download<'a>(
    request: &DownloadRequest,
    track: &'a Track,
    path: &str,
    (ownership, rehearsed): (&'a Ownership, Option<&Rehearsed>),
    wide: usize,
    theme: &Theme,
) -> Question<'a> {
    let value = |text: String| vec![Span::styled(text, theme.text)];
    let mut rows = vec![
        Row {
            goes: 0,
            line: Line::styled(track.title.as_str(), theme.strong),
        },
        Row {
            goes: 4,
            line: Line::styled(track.artist.as_str(), theme.dim),
        },
        Row {
            goes: 9,
            line: Line::default(),
        },
    ];
    if let Ownership::Owned(file) = ownership {
        let file = path_tail(&file.to_string_lossy(), wide);
        rows.push(Row {
            goes: 0,
            line: Line::from(vec![
                Span::styled("✓ ", theme.success),
                Span::styled("You own this. Nothing to pay.", theme.text),
            ]),
        });
        rows.push(Row {
            goes: 0,
            line: Line::styled(file, theme.accent),
        });
        return Question {
            title: "Download",
            rows,
            close: "Close",
            spend: "Buy again: 1 credit".to_owned(),
            possible: true,
        };
    }
    if let Ownership::Unknown(why) = ownership {
        rows.extend(wrap(why, wide).into_iter().enumerate().map(|(index, line)| Row {
            goes: u8::from(index > 1),
            line: Line::styled(line, theme.warning),
        }));
        return Question {
            title: "Download",
            rows,
            close: "Close",
            spend: NOT_NOW.to_owned(),
            possible: false,
        };
    }
    let what = match request.clip {
        Some(clip) => format!("a clip of {}", clock_seconds(clip.duration().as_f64())),
        None => track.duration_seconds.map_or_else(
            || "full track".to_owned(),
            |seconds| format!("full track, {}", clock_seconds(seconds)),
        ),
    };
    rows.push(Row {
        goes: 0,
        line: field("What", value(what), theme),
    });
    if let Some(hit_point) = request.clip.and_then(crate::api::Clip::hit_point) {
        let at = format!("the peak lands at {} (±1 s)", clock_seconds(hit_point.as_f64()));
        rows.push(Row {
            goes: 0,
            line: field("Hit point", value(at), theme),
        });
    }
    rows.push(Row {
        goes: 0,
        line: field("File", value(path_tail(path, wide.saturating_sub(LABEL))), theme),
    });
    if request.clip.is_some() {
        rows.extend(of_a_clip(rehearsed, wide, theme));
    }
    let checking = *ownership == Ownership::Checking;
    Question {
        title: "Download",
        rows,
        close: "Cancel",
        spend: if checking {
            "is it owned already?…".to_owned()
        } else {
            "Download: 1 credit".to_owned()
        },
        possible: !checking,
    }
}

/// What was rehearsed of a clip, and how clips could be had for less.
fn of_a_clip<'a>(rehearsed: Option<&Rehearsed>, wide: usize, theme: &Theme) -> Vec<Row<'a>> {
    let air = || Row {
        goes: 8,
        line: Line::default(),
    };
    let mut rows = Vec::new();
    if let Some(rehearsed) = rehearsed {
        let part = rehearsed.estimate;
        let words = format!("{:.1} to {:.1} s of the preview, as rehearsed", part.start, part.end());
        rows.push(Row {
            goes: 3,
            line: field("Estimate", vec![Span::styled(words, theme.text)], theme),
        });
    }
    rows.push(air());
    rows.extend(wrap(FULL_TRACK_HINT, wide).into_iter().map(|line| Row {
        goes: 7,
        line: Line::from(Span::styled(line, theme.dim)),
    }));
    rows.push(air());
    rows
}

fn search_rows<'a>(request: &SearchRequest, wide: usize, theme: &Theme) -> Vec<Row<'a>> {
    let mut rows: Vec<Row> = wrap(request.query(), wide)
        .into_iter()
        .take(4)
        .enumerate()
        .map(|(index, line)| Row {
            goes: if index > 0 { 6 } else { 0 },
            line: Line::styled(line, theme.strong),
        })
        .collect();
    rows.push(Row {
        goes: 9,
        line: Line::default(),
    });
    let words = chip_words(request.filters());
    if !words.is_empty() {
        let groups = words.into_iter().map(|word| vec![Span::styled(word, theme.text)]).collect();
        let filters = joined(groups, &Span::styled(" · ", theme.faint), wide.saturating_sub(LABEL));
        rows.push(Row {
            goes: 1,
            line: field("Filters", filters, theme),
        });
    }
    rows
}

/// The price, the balance before and after, and whose money it is.
fn money<'a>(possible: bool, ask: &Ask, state: &'a State, theme: &Theme) -> Vec<Row<'a>> {
    let looking = matches!(
        ask,
        Ask::Download {
            ownership: Ownership::Checking,
            ..
        }
    );
    let mut rows = Vec::new();
    if possible || (looking && !state.offline) {
        let credits = count(ask.price(), "credit");
        let price = match ask {
            Ask::Batch { .. } => format!("up to {credits}"),
            _ => credits,
        };
        rows.push(Row {
            goes: 0,
            line: field("Price", vec![Span::styled(price, theme.warning)], theme),
        });
        rows.push(Row {
            goes: 0,
            line: field("Balance", balance_after(ask.price(), state, theme), theme),
        });
    }
    if !state.server.is_vendor {
        let name = if state.server.is_sandbox {
            "the sandbox: play money"
        } else {
            server_name(&state.server)
        };
        rows.push(Row {
            goes: 0,
            line: field("Server", vec![Span::styled(name, theme.warning)], theme),
        });
    }
    rows
}

fn balance_after<'a>(price: usize, state: &State, theme: &Theme) -> Vec<Span<'a>> {
    match state.account.credits {
        None => vec![Span::styled("not known yet", theme.dim)],
        Some(credits) if credits <= 0 => vec![
            Span::styled(balance(credits), theme.error),
            Span::styled(" · it will be refused, for nothing", theme.dim),
        ],
        Some(credits) => {
            let left = credits.saturating_sub(i64::try_from(price).unwrap_or(i64::MAX));
            let mut line = vec![
                Span::styled(balance(credits), theme.text),
                Span::styled(" → ", theme.faint),
                Span::styled(balance(left.max(0)), theme.strong),
            ];
            if left < 0 {
                line.push(Span::styled(" · too few: it stops there", theme.warning));
            }
            line
        }
    }
}

/// Both buttons, three pieces each. The one with the focus is filled and has a pointer.
fn buttons<'a>(close: &'static str, spend: &str, focus: Button, armed: bool, theme: &Theme) -> Vec<Span<'a>> {
    let button = |text: &str, focused: bool, style| {
        let pointer = if focused { " ▸ " } else { "   " };
        [
            Span::styled(pointer, style),
            Span::styled(text.to_owned(), style),
            Span::styled("   ", style),
        ]
    };
    let on_spend = focus == Button::Spend;
    let close_style = if on_spend { theme.button } else { theme.button_focused };
    let spend_style = match (armed, on_spend) {
        (false, _) => theme.button.patch(theme.faint),
        (true, true) => theme.button_spend,
        (true, false) => theme.button.patch(theme.warning),
    };
    let mut all = button(close, !on_spend, close_style).to_vec();
    all.push(Span::raw("  "));
    all.extend(button(spend, on_spend, spend_style));
    all
}
