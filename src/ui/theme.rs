//! What things look like: one style for each role. Nothing else in [`ui`](super) names a colour.

use ratatui::style::{Color, Modifier, Style};

/// A style for each role. Where a colour says something, a glyph or a modifier says it too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    /// Ordinary text, and the ground of the whole screen.
    pub text: Style,
    /// Text that matters: titles, the selected track.
    pub strong: Style,
    /// Text that steps back: labels, artists, hints.
    pub dim: Style,
    /// What is hardly there: placeholders, rows of an older answer, music not decoded yet.
    pub faint: Style,
    /// The one accent colour.
    pub accent: Style,
    /// Borders that whisper.
    pub border: Style,
    /// The border of the pane that takes the keys.
    pub border_focused: Style,
    /// Titles of panes.
    pub title: Style,
    /// The title of the pane that takes the keys.
    pub title_focused: Style,
    /// The row under the cursor, laid over the row's own styles.
    pub selection: Style,
    /// The same while another pane has the focus.
    pub selection_unfocused: Style,
    /// Something went well.
    pub success: Style,
    /// Something to be careful about, and every credit about to be spent.
    pub warning: Style,
    /// Something failed.
    pub error: Style,
    /// The filled part of a gauge.
    pub gauge: Style,
    /// The empty part of a gauge.
    pub gauge_empty: Style,
    /// The part of the waveform that was played.
    pub wave_played: Style,
    /// The part of the waveform still to come.
    pub wave_ahead: Style,
    /// An active filter.
    pub chip: Style,
    /// A key in a hint.
    pub key: Style,
    /// A button.
    pub button: Style,
    /// The button with the focus, where it is safe.
    pub button_focused: Style,
    /// The button with the focus, where it spends.
    pub button_spend: Style,
}

/// The colours of a coloured theme, as indices into the terminal's 256.
struct Palette {
    accent: u8,
    dim: u8,
    faint: u8,
    border: u8,
    title: u8,
    selection: u8,
    selection_unfocused: u8,
    success: u8,
    warning: u8,
    error: u8,
    wave: u8,
    chip: u8,
    on_button: u8,
}

impl Theme {
    /// The theme for this terminal: [`mono`](Self::mono) without colour, else by its background; dark where that is not known.
    pub fn pick(no_color: bool, light_background: Option<bool>) -> Self {
        match (no_color, light_background) {
            (true, _) => Self::mono(),
            (false, Some(true)) => Self::light(),
            (false, _) => Self::dark(),
        }
    }

    /// For dark backgrounds.
    pub fn dark() -> Self {
        Self::coloured(&Palette {
            accent: 116,
            dim: 246,
            faint: 240,
            border: 238,
            title: 248,
            selection: 237,
            selection_unfocused: 235,
            success: 114,
            warning: 222,
            error: 210,
            wave: 243,
            chip: 236,
            on_button: 234,
        })
    }

    /// For light backgrounds.
    pub fn light() -> Self {
        Self::coloured(&Palette {
            accent: 30,
            dim: 242,
            faint: 249,
            border: 252,
            title: 240,
            selection: 253,
            selection_unfocused: 255,
            success: 28,
            warning: 130,
            error: 160,
            wave: 248,
            chip: 254,
            on_button: 231,
        })
    }

    /// Without any colour: modifiers alone, since a reversed cell that also has a colour loses its reverse under `NO_COLOR`.
    pub fn mono() -> Self {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        let dim = plain.add_modifier(Modifier::DIM);
        let reversed = plain.add_modifier(Modifier::REVERSED);
        Self {
            text: plain,
            strong: bold,
            dim: plain,
            faint: dim,
            accent: bold,
            border: dim,
            border_focused: bold,
            title: plain,
            title_focused: bold,
            selection: reversed,
            selection_unfocused: plain.add_modifier(Modifier::UNDERLINED),
            success: plain,
            warning: bold,
            error: bold,
            gauge: plain,
            gauge_empty: dim,
            wave_played: bold,
            wave_ahead: dim,
            chip: plain.add_modifier(Modifier::UNDERLINED),
            key: bold,
            button: plain,
            button_focused: reversed,
            button_spend: reversed.add_modifier(Modifier::BOLD),
        }
    }

    fn coloured(palette: &Palette) -> Self {
        let fg = |index| Style::new().fg(Color::Indexed(index));
        let bg = |index| Style::new().bg(Color::Indexed(index));
        let accent = fg(palette.accent);
        Self {
            text: Style::new(),
            strong: Style::new().add_modifier(Modifier::BOLD),
            dim: fg(palette.dim),
            faint: fg(palette.faint),
            accent,
            border: fg(palette.border),
            border_focused: accent,
            title: fg(palette.title),
            title_focused: accent.add_modifier(Modifier::BOLD),
            selection: bg(palette.selection).add_modifier(Modifier::BOLD),
            selection_unfocused: bg(palette.selection_unfocused),
            success: fg(palette.success),
            warning: fg(palette.warning),
            error: fg(palette.error),
            gauge: accent,
            gauge_empty: fg(palette.faint),
            wave_played: accent,
            wave_ahead: fg(palette.wave),
            chip: bg(palette.chip),
            key: accent,
            button: bg(palette.chip),
            button_focused: fg(palette.on_button)
                .bg(Color::Indexed(palette.accent))
                .add_modifier(Modifier::BOLD),
            button_spend: fg(palette.on_button)
                .bg(Color::Indexed(palette.warning))
                .add_modifier(Modifier::BOLD),
        }
    }
}

impl Default for Theme {
    fn default() -> Self {
        Self::dark()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_colour_means_no_colour_at_all() {
        let described = format!("{:?}", Theme::pick(true, Some(true)));
        assert!(!described.contains("Indexed") && !described.contains("Rgb"), "{described}");
        assert_eq!(Theme::pick(true, None), Theme::mono());
    }

    #[test]
    fn an_unknown_background_is_taken_for_dark() {
        assert_eq!(Theme::pick(false, None), Theme::dark());
        assert_eq!(Theme::pick(false, Some(true)), Theme::light());
    }

    #[test]
    fn what_must_be_told_apart_looks_different_without_colour() {
        let mono = Theme::mono();
        for (one, other) in [
            (mono.selection, mono.text),
            (mono.selection_unfocused, mono.text),
            (mono.selection, mono.selection_unfocused),
            (mono.border, mono.border_focused),
            (mono.button, mono.button_focused),
            (mono.wave_played, mono.wave_ahead),
        ] {
            assert_ne!(one, other);
        }
    }
}
