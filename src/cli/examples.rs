//! What `--help` shows at its end: commands as people write them. A test reads every one of them with the program's own parser.

pub(super) const PROGRAM: &str = "\
Examples:
  trackyard-tui --sandbox                                   try everything with play money, no key needed
  TRACKYARD_API_KEY=… trackyard-tui                         browse the real catalogue
  trackyard-tui --sandbox --plain                           the same in lines of text, for screen readers and pipes
  trackyard-tui search 'calm piano' --no-vocals --json      1 credit, or 0 if asked before
  trackyard-tui download trk_abc123 --duration 30 --yes     1 credit

Exit codes: 0 done · 1 other failure · 2 usage · 3 key or plan refused · 4 out of credits or budget · 5 rate limited too long
            6 network or server, nothing charged · 7 not found · 8 charged or maybe charged, result not whole

Environment: TRACKYARD_API_KEY, TRACKYARD_API_URL, TRACKYARD_TUI_CONFIG, NO_COLOR, the XDG folders
Help of one command, with examples: trackyard-tui help search";

pub(super) const SEARCH: &str = "\
Examples:
  trackyard-tui search 'calm piano for a rainy scene'
  trackyard-tui search 'epic trailer' --energy high --min-bpm 120 --json
  trackyard-tui search 'lo-fi' --genres 'Hip Hop,Beats' --no-vocals --max-bpm 95
  trackyard-tui search 'calm piano' --offset 100            the next hundred, 1 credit
  trackyard-tui search 'slow sad piano' --offline           free: from what was seen before";

pub(super) const DOWNLOAD: &str = "\
Examples:
  trackyard-tui download trk_abc123                         asks on a terminal, then 1 credit
  trackyard-tui download trk_abc123 --yes --output ~/film/  does not ask; into that folder
  trackyard-tui download trk_abc123 --duration 30 --hit-point 12 --yes

A track that was bought before and is still on this disk costs nothing. No file is ever replaced.";

pub(super) const CLIP: &str = "\
Examples:
  trackyard-tui clip trk_abc123 --duration 15 --output ad.mp3
  trackyard-tui clip song.mp3 --duration 30 --hit-point 12.5 --fade 0.5 --output cut.mp3";

pub(super) const PLAY: &str = "\
Examples:
  trackyard-tui play trk_abc123
  trackyard-tui play ~/Music/Trackyard/song.mp3
  trackyard-tui play https://cdn.example.com/previews/1.mp3

A track is looked up among those seen before; nothing is searched for and nothing is spent. A preview's address is fetched without the
API key. Volume, audio device and even loudness are those of the screen and of the configuration.";

pub(super) const ME: &str = "\
Examples:
  trackyard-tui me
  trackyard-tui me --json";

pub(super) const USAGE: &str = "\
Examples:
  trackyard-tui usage --limit 20
  trackyard-tui usage --all --csv";

pub(super) const BATCH: &str = "\
Examples:
  trackyard-tui batch briefs.csv --dry-run                  free: what it would cost
  trackyard-tui batch briefs.txt --yes --json
  trackyard-tui batch briefs.jsonl --yes --csv --budget 20

The same command after an interruption asks only for what is missing.";

pub(super) const RECEIPTS: &str = "\
Examples:
  trackyard-tui receipts
  trackyard-tui receipts --csv
  trackyard-tui receipts --check                            are the bought files still there and unchanged?";

pub(super) const CONFIG: &str = "\
Examples:
  trackyard-tui config init                                 a file that documents every option and key
  trackyard-tui config show
  trackyard-tui config path";

#[cfg(feature = "sandbox")]
pub(super) const SANDBOX: &str = "\
Examples:
  trackyard-tui sandbox
  trackyard-tui sandbox --port 8080 --tier pro";

pub(super) const COMPLETIONS: &str = "\
Examples:
  trackyard-tui completions bash
  trackyard-tui completions zsh
  trackyard-tui completions fish

Where to put them:
  bash   trackyard-tui completions bash > ~/.local/share/bash-completion/completions/trackyard-tui
  zsh    trackyard-tui completions zsh > ~/.zfunc/_trackyard-tui          (with ~/.zfunc in fpath)
  fish   trackyard-tui completions fish > ~/.config/fish/completions/trackyard-tui.fish";

pub(super) const MAN: &str = "\
Examples:
  trackyard-tui man
  trackyard-tui man --output ~/.local/share/man/man1

To read it at once:  trackyard-tui man | man -l -";

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use crate::cli::args::Args;

    /// The words of a line as a shell gives them to a program: single quotes hold, two blanks end the command.
    fn words(line: &str) -> Vec<String> {
        let command = line.trim().split("  ").next().unwrap();
        let mut words = vec![String::new()];
        let mut quoted = false;
        for c in command.chars() {
            match c {
                '\'' => quoted = !quoted,
                ' ' if !quoted => words.push(String::new()),
                c => words.last_mut().unwrap().push(c),
            }
        }
        assert!(!quoted, "{line}");
        words.retain(|word| !word.is_empty() && !word.contains("API_KEY="));
        words
    }

    fn examples_of(command: &clap::Command) -> Vec<Vec<String>> {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let examples = help
            .split("\n\n")
            .find_map(|part| part.strip_prefix("Examples:\n").map(ToOwned::to_owned));
        examples.unwrap_or_default().lines().map(words).collect()
    }

    #[test]
    fn every_command_has_examples_and_every_example_is_understood() {
        let program = Args::command();
        let mut commands: Vec<&clap::Command> = program.get_subcommands().collect();
        commands.push(&program);
        for command in commands {
            let examples = examples_of(command);
            assert!(!examples.is_empty(), "{} has no examples", command.get_name());
            for words in examples {
                let parsed = Args::try_parse_from(&words);
                assert!(parsed.is_ok(), "{words:?}: {}", parsed.unwrap_err());
                if command.get_name() != "trackyard-tui" {
                    assert_eq!(words[1], command.get_name());
                }
            }
        }
    }

    #[test]
    fn every_option_says_what_it_is_for() {
        fn look(command: &clap::Command) {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for arg in command.get_arguments() {
                assert!(arg.get_help().is_some(), "{} {}", command.get_name(), arg.get_id());
            }
            command.get_subcommands().for_each(look);
        }
        look(&Args::command());
    }
}
