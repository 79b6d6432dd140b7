//! What things look like: one style for each role. Nothing else in [`ui`](super) names a colour that is drawn.

use ratatui::style::{Color, Modifier, Style};

use crate::config::ThemeName;

/// What is known of a terminal's colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Colors {
    /// The user wants no colours at all (`NO_COLOR`).
    pub no_color: bool,
    /// It has 16 colours or fewer.
    pub few_colors: bool,
    /// Whether its background is light, where it says so.
    pub light_background: Option<bool>,
}

impl Colors {
    /// What the environment tells.
    pub fn from_environment(env: impl Fn(&str) -> Option<String>) -> Self {
        let term = env("TERM").unwrap_or_default();
        let many = env("COLORTERM").is_some_and(|value| !value.is_empty())
            || ["256", "direct", "kitty", "alacritty", "ghostty", "wezterm", "foot", "iterm"]
                .iter()
                .any(|word| term.contains(word));
        Self {
            no_color: env("NO_COLOR").is_some_and(|value| !value.is_empty()) || term == "dumb",
            few_colors: !many && !cfg!(windows),
            // Some terminals tell their colours as "foreground;background", 7 and 15 being the light ones.
            light_background: env("COLORFGBG")
                .filter(|colours| !colours.is_empty())
                .map(|colours| matches!(colours.rsplit(';').next(), Some("7" | "15"))),
        }
    }
}

/// How many steps the colours of the waveform have.
pub const RAMP: usize = 6;

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
    /// The part of the waveform that was played, from little energy to much.
    pub wave_played: [Style; RAMP],
    /// The part of the waveform still to come, likewise.
    pub wave_ahead: [Style; RAMP],
    /// The place in the waveform that sounds.
    pub wave_here: Style,
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
    wave_played: [u8; RAMP],
    wave_ahead: [u8; RAMP],
    chip: u8,
    on_button: u8,
}

impl Theme {
    /// The theme of this name on this terminal. `NO_COLOR` comes before any name. Without a name it goes by the terminal's
    /// colours and its background; where that is not known, one that can be read on any.
    pub fn pick(name: ThemeName, terminal: Colors) -> Self {
        match name {
            _ if terminal.no_color => Self::mono(),
            ThemeName::Mono => Self::mono(),
            ThemeName::Light => Self::light(),
            ThemeName::HighContrast => Self::high_contrast(),
            ThemeName::Terminal => Self::terminal(),
            ThemeName::Auto if terminal.few_colors => Self::terminal(),
            ThemeName::Auto => match terminal.light_background {
                Some(true) => Self::light(),
                Some(false) => Self::dark(),
                None => Self::either(),
            },
            ThemeName::Dark => Self::dark(),
        }
    }

    /// The terminal's own 16 colours, as its owner chose them. Only those are used that stand out on light and on dark grounds.
    pub fn terminal() -> Self {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        let reversed = Style::new().add_modifier(Modifier::REVERSED);
        Self {
            text: Style::new(),
            dim: Style::new(),
            selection: reversed,
            selection_unfocused: Style::new().add_modifier(Modifier::UNDERLINED),
            chip: Style::new().add_modifier(Modifier::UNDERLINED),
            button: bold,
            button_focused: reversed.add_modifier(Modifier::BOLD),
            button_spend: Style::new().fg(Color::Yellow).add_modifier(Modifier::BOLD | Modifier::REVERSED),
            ..Self::coloured(&Palette {
                accent: 6,
                dim: 8,
                faint: 8,
                border: 8,
                title: 7,
                selection: 8,
                selection_unfocused: 8,
                success: 2,
                warning: 3,
                error: 1,
                wave_played: [6; RAMP],
                wave_ahead: [8; RAMP],
                chip: 8,
                on_button: 0,
            })
        }
    }

    /// Nothing faint, nothing grey: for tired eyes, projectors and sunlight.
    pub fn high_contrast() -> Self {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        let reversed = plain.add_modifier(Modifier::REVERSED);
        let strong = |color| bold.fg(color);
        Self {
            text: plain,
            strong: bold,
            dim: plain,
            faint: plain,
            accent: strong(Color::LightCyan),
            border: plain,
            border_focused: strong(Color::LightCyan),
            title: bold,
            title_focused: strong(Color::LightCyan),
            selection: reversed.add_modifier(Modifier::BOLD),
            selection_unfocused: plain.add_modifier(Modifier::UNDERLINED | Modifier::BOLD),
            success: strong(Color::LightGreen),
            warning: strong(Color::LightYellow),
            error: strong(Color::LightRed),
            gauge: strong(Color::LightCyan),
            gauge_empty: plain,
            key: strong(Color::LightCyan),
            chip: plain.add_modifier(Modifier::UNDERLINED),
            button: bold,
            button_focused: reversed.add_modifier(Modifier::BOLD),
            button_spend: strong(Color::LightYellow).add_modifier(Modifier::REVERSED),
            wave_played: [strong(Color::LightCyan); RAMP],
            wave_ahead: [plain; RAMP],
            wave_here: bold,
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
            wave_played: [23, 30, 37, 73, 116, 159],
            wave_ahead: [237, 239, 241, 244, 247, 251],
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
            warning: 94,
            error: 160,
            wave_played: [152, 116, 73, 37, 30, 23],
            wave_ahead: [253, 251, 249, 247, 244, 241],
            chip: 254,
            on_button: 231,
        })
    }

    /// For a background that is not known: middle tones, which stand out on light and on dark, and light text on grounds of its own.
    pub fn either() -> Self {
        let on = |ground| Style::new().fg(Color::Indexed(231)).bg(Color::Indexed(ground));
        Self {
            selection: on(24).add_modifier(Modifier::BOLD),
            selection_unfocused: on(240),
            chip: on(240),
            button: Style::new().add_modifier(Modifier::BOLD),
            ..Self::coloured(&Palette {
                accent: 31,
                dim: 243,
                faint: 245,
                border: 245,
                title: 243,
                selection: 24,
                selection_unfocused: 240,
                success: 28,
                warning: 130,
                error: 167,
                wave_played: [66, 66, 67, 31, 31, 31],
                wave_ahead: [245, 245, 244, 244, 243, 243],
                chip: 240,
                on_button: 231,
            })
        }
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
            wave_played: [bold; RAMP],
            wave_ahead: [dim; RAMP],
            wave_here: bold,
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
            wave_played: palette.wave_played.map(fg),
            wave_ahead: palette.wave_ahead.map(fg),
            wave_here: Style::new().add_modifier(Modifier::BOLD),
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
        let terminal = Colors {
            no_color: true,
            few_colors: false,
            light_background: Some(true),
        };
        for name in ThemeName::ALL {
            let theme = Theme::pick(name, terminal);
            assert_eq!(theme, Theme::mono());
            let described = format!("{theme:?}");
            assert!(!described.contains("Indexed") && !described.contains("Rgb"), "{described}");
        }
    }

    #[test]
    fn the_environment_tells_what_a_terminal_can() {
        let seen = |vars: &[(&str, &str)]| {
            Colors::from_environment(|name| vars.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
        };
        assert!(seen(&[("TERM", "linux")]).few_colors);
        assert!(!seen(&[("TERM", "tmux-256color")]).few_colors);
        assert!(!seen(&[("TERM", "xterm"), ("COLORTERM", "truecolor")]).few_colors);
        assert!(seen(&[("TERM", "xterm"), ("NO_COLOR", "1")]).no_color);
        assert!(!seen(&[("NO_COLOR", "")]).no_color);
        assert_eq!(seen(&[("COLORFGBG", "0;15")]).light_background, Some(true));
        assert_eq!(seen(&[("COLORFGBG", "15;default;0")]).light_background, Some(false));
    }

    #[test]
    fn the_background_chooses_and_one_that_is_not_known_gets_what_can_be_read_on_any() {
        let terminal = |few_colors, light_background| Colors {
            no_color: false,
            few_colors,
            light_background,
        };
        assert_eq!(Theme::pick(ThemeName::Auto, terminal(false, None)), Theme::either());
        assert_eq!(Theme::pick(ThemeName::Auto, terminal(false, Some(false))), Theme::dark());
        assert_eq!(Theme::pick(ThemeName::Auto, terminal(false, Some(true))), Theme::light());
        assert_eq!(Theme::pick(ThemeName::Auto, terminal(true, Some(true))), Theme::terminal());
        assert_eq!(Theme::pick(ThemeName::Dark, terminal(true, Some(true))), Theme::dark());
    }

    /// How bright one of the 256 colours is, 0 to 1, as WCAG counts it. The first 16 are the user's own.
    fn brightness(color: Color) -> f64 {
        let Color::Indexed(index) = color else {
            panic!("{color:?} is the user's own")
        };
        let step = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
        let (red, green, blue) = match index {
            16..=231 => (step((index - 16) / 36), step((index - 16) / 6 % 6), step((index - 16) % 6)),
            232.. => (8 + 10 * (index - 232), 8 + 10 * (index - 232), 8 + 10 * (index - 232)),
            _ => panic!("{index} is the user's own"),
        };
        let linear = |part: u8| match f64::from(part) / 255.0 {
            part if part <= 0.04045 => part / 12.92,
            part => ((part + 0.055) / 1.055).powf(2.4),
        };
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }

    fn contrast(one: f64, other: f64) -> f64 {
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn what_is_to_be_read_stands_out_on_its_ground() {
        let (black, white) = (Color::Indexed(233), Color::Indexed(231));
        for (name, theme, grounds, least) in [
            ("dark", Theme::dark(), vec![black], 4.5),
            ("light", Theme::light(), vec![white], 4.0),
            ("either", Theme::either(), vec![black, white], 3.0),
        ] {
            for (role, style) in [
                ("dim", theme.dim),
                ("accent", theme.accent),
                ("title", theme.title),
                ("success", theme.success),
                ("warning", theme.warning),
                ("error", theme.error),
                ("key", theme.key),
                ("button_focused", theme.button_focused),
                ("button_spend", theme.button_spend),
                ("selection", theme.selection),
                ("selection_unfocused", theme.selection_unfocused),
                ("chip", theme.chip),
                ("button", theme.button),
                ("button that spends, without the focus", theme.button.patch(theme.warning)),
            ] {
                if style.fg.is_none() && style.bg.is_none() {
                    // The terminal's own text on its own ground.
                    continue;
                }
                // What has a ground of its own is read on that, by the text's own colour where it names none.
                let text = style.fg.unwrap_or(if grounds == [white] { black } else { white });
                for ground in style.bg.map_or(grounds.clone(), |own| vec![own]) {
                    let contrast = contrast(brightness(text), brightness(ground));
                    assert!(contrast >= least, "{name}, {role}: {text:?} on {ground:?} has {contrast:.1}");
                }
                assert!(
                    name != "either" || style.bg.is_none() || style.fg.is_some(),
                    "{role} has a ground and not a text of its own"
                );
            }
        }
    }

    #[test]
    fn what_must_be_told_apart_looks_different_without_colour() {
        // The automatic one is what can be read on any ground, where nothing is known of the terminal.
        for theme in ThemeName::ALL.map(|name| Theme::pick(name, Colors::default())) {
            for (one, other) in [
                (theme.selection, theme.text),
                (theme.selection_unfocused, theme.text),
                (theme.selection, theme.selection_unfocused),
                (theme.border, theme.border_focused),
                (theme.button, theme.button_focused),
                (theme.button, theme.button_spend),
                (theme.wave_played[0], theme.wave_ahead[0]),
                (theme.wave_played[RAMP - 1], theme.wave_ahead[RAMP - 1]),
                (theme.wave_here, theme.wave_ahead[RAMP - 1]),
            ] {
                assert_ne!(one, other);
            }
        }
    }
}
