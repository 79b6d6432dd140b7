//! Every option of the configuration file, as `config init` writes it.

use std::fmt::Write;

use crate::input::{Action, Context, Keymap};

/// An option, for people.
pub(super) struct Described {
    pub name: &'static str,
    /// A value as the file writes it: the default one where there is one.
    pub value: &'static str,
    /// What it does, a line each.
    pub help: &'static str,
}

pub(super) const ALL: &[Described] = &[
    Described {
        name: "api_key",
        value: "\"trackyard_live_…\"",
        help: "Your API key, from app.trackyard.com/api-keys. TRACKYARD_API_KEY in the environment comes before it.\nWith a key in it this file has to be yours alone: chmod 600",
    },
    Described {
        name: "keyring",
        value: "false",
        help: "Ask the system's keyring for the key, after TRACKYARD_API_KEY and before api_key: through secret-tool (libsecret), or security on macOS.\nEach API has an entry of its own. A keyring that is locked may ask for its password.",
    },
    Described {
        name: "api_url",
        value: "\"https://api.trackyard.com/api/external/v1\"",
        help: "The API, path included. --api-url and TRACKYARD_API_URL come before it.",
    },
    Described {
        name: "download_folder",
        value: "\"~/Music/Trackyard\"",
        help: "Where downloads go: a whole path, or one that starts with ~/",
    },
    Described {
        name: "budget_session",
        value: "20",
        help: "Most credits one session may spend. --budget comes before it. Without it there is no limit.",
    },
    Described {
        name: "budget_month",
        value: "200",
        help: "Most credits a calendar month (UTC) may spend, as this machine's ledger counts them.",
    },
    Described {
        name: "max_wait",
        value: "300",
        help: "Most seconds to wait for a rate limit in all. --max-wait comes before it.",
    },
    Described {
        name: "audio_device",
        value: "\"HDMI\"",
        help: "The audio device, by its name or a part of it. Without it: the system's own choice.",
    },
    Described {
        name: "preview_cache_mb",
        value: "500",
        help: "Most megabytes of previews that are kept on the disk, so that hearing them again asks no server. 0 keeps none.",
    },
    Described {
        name: "auto_audition",
        value: "true",
        help: "Play the track that the cursor reaches.",
    },
    Described {
        name: "start_at_peak",
        value: "false",
        help: "Begin at the loudest moment of a preview rather than at its start, where the cursor moves to it. Enter plays from the start.",
    },
    Described {
        name: "even_loudness",
        value: "false",
        help: "Bring all previews to the same loudness (-23 LUFS) from the start. The key e changes it.",
    },
    Described {
        name: "waveform",
        value: "\"auto\"",
        help: "What waveforms are drawn with: blocks, braille (twice as fine), ascii, or auto: blocks where the terminal has them.\nTaken over while the program runs.",
    },
    Described {
        name: "theme",
        value: "\"auto\"",
        help: "auto, dark, light, high-contrast, mono (no colours) or terminal (its own 16 colours).\nTaken over while the program runs.",
    },
    Described {
        name: "notify",
        value: "\"off\"",
        help: "How the end of the last download under way, or of a batch, is told: off, bell, osc9 or osc777 (desktop notifications, where the terminal knows them).",
    },
    Described {
        name: "mouse",
        value: "true",
        help: "Clicks and the wheel. While it is on, most terminals select text with Shift held; false leaves the mouse alone.",
    },
];

/// The keys, last, since a section ends the options before it.
const KEYS: &str = "\
# Keys: a section for each place (global, query, filters, results), an action, and its keys. They replace the default ones;
# an empty list takes an action's keys away. The help page (?) shows what holds. Taken over while the program runs.
# A key is a character, or Enter Esc Tab Backspace Delete Left Right Up Down Home End PageUp PageDown Space F1…F12,
# with ctrl- or alt- in front; Tab and the letters also with shift-. Enter in the query box asks Trackyard, and stays.
# These are the default ones.
";

/// The default keys as the file would give them, a section for each place.
fn keys() -> String {
    let written: toml::Table = toml::from_str(Keymap::STANDARD).unwrap_or_default();
    let mut text = String::new();
    for context in Context::ALL {
        let _ = writeln!(text, "#\n# [keys.{}]", context.name());
        // What asks stays Enter.
        for action in Action::ALL
            .iter()
            .filter(|action| action.context() == context && **action != Action::Ask)
        {
            if let Some(keys) = written.get(context.name()).and_then(|place| place.get(action.name())) {
                let _ = writeln!(text, "# {} = {keys}  # {}", action.name(), action.description());
            }
        }
    }
    text
}

/// The file that says everything and changes nothing.
pub fn default_file() -> String {
    let options = ALL.iter().map(|option| {
        let help: String = option.help.lines().map(|line| format!("# {line}\n")).collect();
        format!("{help}# {} = {}\n\n", option.name, option.value)
    });
    ["# trackyard-tui. Take away a # to change something; what is not said is as shown.\n\n".to_owned()]
        .into_iter()
        .chain(options)
        .chain([KEYS.to_owned(), keys()])
        .collect()
}
