//! A slider with two handles.

use ratatui::text::Span;

use super::theme::Theme;

/// Which handle the cursor is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handle {
    /// The lower one.
    Low,
    /// The upper one.
    High,
}

/// A slider of so many columns over `range`, with its handles at `low` and `high`: `──●━━━○──`. The handle under the cursor is filled.
pub fn slider<'a>(range: (u16, u16), low: u16, high: u16, at: Option<Handle>, columns: usize, theme: &Theme) -> Vec<Span<'a>> {
    if columns < 2 {
        return Vec::new();
    }
    let place = |value: u16| {
        let span = f64::from(range.1.saturating_sub(range.0)).max(1.0);
        let share = f64::from(value.saturating_sub(range.0)) / span;
        ((share * (columns - 1) as f64).round() as usize).min(columns - 1)
    };
    let left = place(low).min(columns - 2);
    let right = place(high).max(left + 1);
    let handle = |which| {
        if at == Some(which) {
            Span::styled("●", theme.accent)
        } else {
            Span::styled("○", theme.text)
        }
    };
    vec![
        Span::styled("─".repeat(left), theme.faint),
        handle(Handle::Low),
        Span::styled("━".repeat(right - left - 1), theme.accent),
        handle(Handle::High),
        Span::styled("─".repeat(columns - right - 1), theme.faint),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(low: u16, high: u16, columns: usize) -> String {
        slider((40, 200), low, high, Some(Handle::Low), columns, &Theme::mono())
            .iter()
            .map(|span| span.content.to_string())
            .collect()
    }

    #[test]
    fn handles_stand_where_their_values_are() {
        assert_eq!(text(40, 200, 9), "●━━━━━━━○");
        assert_eq!(text(80, 120, 9), "──●━○────");
        assert_eq!(text(200, 200, 5), "───●○");
        assert_eq!(text(200, 40, 5), "───●○");
        assert_eq!(text(0, 900, 5), "●━━━○");
        assert_eq!(text(80, 120, 1), "");
    }
}
