//! The queue of long work: paid requests under way, downloads, and what became of them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::window::{Listed, Window, content, listed, mark};
use crate::state::{State, Task, TasksView};
use crate::ui::format::clock_seconds;
use crate::ui::line::{columns, fit, sides, stack};
use crate::ui::theme::Theme;
use crate::ui::wrap::wrap;
use crate::ui::{batches, downloads, spinner};

const COLUMNS: usize = 84;
/// Lines that the popup has at least, so that it stands still while work comes and goes.
const ROWS: usize = 8;
/// Lines of a task.
const EACH: u16 = 2;

/// Draws it.
pub fn draw(buf: &mut Buffer, view: TasksView, state: &State, theme: &Theme) {
    let tasks = state.tasks();
    let running = tasks.iter().filter(|task| !task.over()).count();
    let mut foot = vec![Span::styled("Esc", theme.key), Span::styled(" closes", theme.dim)];
    // What x does to the task under the cursor, where it does something.
    if let Some(task) = tasks.get(view.cursor.min(tasks.len().saturating_sub(1))) {
        let (key, what) = match task {
            task if task.over() => ("x", " off the list"),
            Task::Batch(batch) if !batch.given_up => ("x", " cancels what is not sent, free"),
            task if task.can_be_cancelled() => ("x", " cancel, free"),
            _ => ("", "sent: not cancelled"),
        };
        foot.extend([Span::raw("  "), Span::styled(key, theme.key), Span::styled(what, theme.dim)]);
    }
    let window = Window {
        title: "Tasks",
        foot,
        foot_corner: vec![Span::styled(format!("{running} under way"), theme.faint)],
    };
    let inside = window.open(buf, size(tasks.len()), theme);
    let wide = usize::from(inside.width);
    if tasks.is_empty() {
        let text = "Nothing is under way. Searches, downloads and batches of briefs are listed here while they run.";
        let lines: Vec<Line> = wrap(text, wide).into_iter().map(|line| Line::styled(line, theme.dim)).collect();
        stack(buf, inside, &lines);
        return;
    }
    let cursor = view.cursor.min(tasks.len() - 1);
    for (index, rows) in on_screen(buf.area, view, tasks.len()) {
        let Some(task) = tasks.get(index) else { break };
        let (head, below) = lines(*task, wide, state, theme);
        stack(buf, rows, &[head, below]);
        if index == cursor {
            mark(buf, rows, theme);
        }
    }
}

fn size(tasks: usize) -> (usize, usize) {
    (COLUMNS, (tasks * usize::from(EACH)).max(ROWS))
}

/// The tasks that are on the screen, of so many.
pub fn on_screen(screen: Rect, view: TasksView, tasks: usize) -> Listed {
    listed(content(screen, size(tasks)), view.cursor, tasks, EACH)
}

/// What it is, and how far it has come.
fn lines<'a>(task: Task<'a>, wide: usize, state: &State, theme: &Theme) -> (Line<'a>, Line<'a>) {
    let spin = || Span::styled(format!("  {} ", spinner::glyph(state.now)), theme.accent);
    let indent = || Span::raw("  ");
    let said = |text: String| Span::styled(text, theme.dim);
    let (what, kind, below) = match task {
        Task::Search(running) => {
            let below = match running.waiting_until.filter(|until| *until > state.now) {
                _ if running.sent => vec![spin(), said("sent, waiting for the answer".into())],
                Some(until) => {
                    let seconds = (until.0 - state.now.0).div_ceil(1000);
                    vec![
                        indent(),
                        said(format!("not sent: the rate limit opens in {}", clock_seconds(seconds as f64))),
                    ]
                }
                None => vec![spin(), said("about to be sent".into())],
            };
            (running.request.query().to_owned(), "search", below)
        }
        Task::Unwatched(_) => (
            "an earlier search".to_owned(),
            "search",
            vec![spin(), said("sent and not waited for: its answer will be kept".into())],
        ),
        Task::Batch(batch) => {
            let mut below = vec![indent()];
            below.extend(batches::progress(batch, wide.saturating_sub(2), state, theme));
            (batch.name(), "batch", below)
        }
        Task::Download(download) => {
            let mut below = vec![indent()];
            below.extend(downloads::progress(download, wide.saturating_sub(2), state, theme));
            let kind = if download.rehearsed.is_some() { "clip" } else { "download" };
            (download.track.title.to_string(), kind, below)
        }
    };
    let style = if task.over() { theme.dim } else { theme.text };
    let right = vec![Span::styled(kind, theme.faint)];
    let room = wide.saturating_sub(columns(&right) + 2);
    let head = sides(fit(vec![Span::styled(what, style)], room), right, wide);
    (head, Line::from(fit(below, wide)))
}
