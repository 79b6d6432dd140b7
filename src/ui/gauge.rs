//! Small gauges made of characters.

use ratatui::style::Style;
use ratatui::text::Span;

use super::theme::Theme;

/// A bar of so many columns: `▰▰▰▱▱`. A share above 0 shows at least one filled column, one below 1 at least one empty one.
pub fn bar<'a>(share: f64, columns: usize, full: Style, theme: &Theme) -> Vec<Span<'a>> {
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    let exact = share * columns as f64;
    let filled = match () {
        () if share <= 0.0 => 0,
        () if share >= 1.0 => columns,
        () => (exact.round() as usize).clamp(1.min(columns), columns.saturating_sub(1).max(1)),
    };
    vec![
        Span::styled("▰".repeat(filled), full),
        Span::styled("▱".repeat(columns.saturating_sub(filled)), theme.gauge_empty),
    ]
}

/// A dot for each of a few things: `●●●○○`.
pub fn dots<'a>(left: u64, of: u64, theme: &Theme) -> Vec<Span<'a>> {
    let left = left.min(of);
    vec![
        Span::styled("●".repeat(left as usize), theme.gauge),
        Span::styled("○".repeat((of - left) as usize), theme.gauge_empty),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(share: f64, columns: usize) -> String {
        let theme = Theme::mono();
        bar(share, columns, theme.gauge, &theme)
            .iter()
            .map(|span| span.content.to_string())
            .collect()
    }

    #[test]
    fn nearly_empty_is_not_empty_and_nearly_full_is_not_full() {
        assert_eq!(text(0.0, 4), "▱▱▱▱");
        assert_eq!(text(0.01, 4), "▰▱▱▱");
        assert_eq!(text(0.5, 4), "▰▰▱▱");
        assert_eq!(text(0.99, 4), "▰▰▰▱");
        assert_eq!(text(7.0, 4), "▰▰▰▰");
        assert_eq!(text(f64::NAN, 2), "▱▱");
        assert_eq!(text(0.5, 0), "");
    }
}
