//! What the documentation says, held against the program: its commands, its keys, its options, its links and paths.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;
#[path = "docs/keys.rs"]
mod keys;
#[path = "ui_screens/popups.rs"]
#[allow(dead_code, reason = "the pictures of the screen use all of it")]
mod popups;
#[path = "ui_screens/states.rs"]
#[allow(dead_code, reason = "the pictures of the screen use all of it")]
mod states;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::{PROGRAM, needed_environment};

/// Every page: its path and its text.
fn pages() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<PathBuf> = ["README.md", "CONTRIBUTING.md"].iter().map(|name| root.join(name)).collect();
    for entry in std::fs::read_dir(root.join("docs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            paths.push(path);
        }
    }
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            (path, text)
        })
        .collect()
}

/// What stands in code blocks, a line each, and between backticks.
fn code(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut in_block = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if in_block {
            found.push(line.to_owned());
        } else {
            found.extend(between_backticks(line));
        }
    }
    found
}

/// What stands between backticks in a line, or in a text without code blocks.
fn between_backticks(text: &str) -> impl Iterator<Item = String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned)
}

/// The lines outside of code blocks.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut in_block = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        in_block ^= fence;
        !in_block && !fence
    })
}

/// The program, which nothing here tells what language, colours or key it has.
fn program() -> Command {
    let mut program = Command::new(PROGRAM);
    program.env_clear().envs(needed_environment());
    program
}

/// What `--help` of a command says, and of each command below it.
fn helps(of: &[String]) -> Vec<String> {
    let ran = program().args(of).arg("--help").output().unwrap();
    let help = String::from_utf8(ran.stdout).unwrap();
    let below = help.split("Commands:\n").nth(1).unwrap_or_default();
    let below: Vec<String> = below
        .lines()
        .take_while(|line| !line.is_empty())
        // What goes on with a description stands further to the right.
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect();
    let mut all = vec![help];
    for name in below {
        all.extend(helps(&[of, &[name]].concat()));
    }
    all
}

/// The words after the program's name, as a shell would have them; `None` for anything but a call of the program.
fn arguments(line: &str) -> Option<Vec<String>> {
    let line = line.trim();
    let rest = line
        .split_once(" -- ")
        .filter(|(start, _)| start.starts_with("cargo run"))
        .map(|(_, rest)| rest);
    let rest = rest.or_else(|| {
        let (before, rest) = line.split_once("trackyard-tui ")?;
        before.split_whitespace().all(|word| word.contains('=')).then_some(rest)
    })?;
    // What the line goes on to say stands apart; the rest of a pipe is another program's.
    let rest = rest
        .split("   ")
        .next()?
        .split(" | ")
        .next()?
        .split(" > ")
        .next()?
        .split(" < ")
        .next()?;
    let mut words = vec![];
    let mut word = String::new();
    let mut quote = None;
    for c in rest.chars() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, ' ') => words.push(std::mem::take(&mut word)),
            _ => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    Some(words)
}

#[test]
fn every_command_in_the_documentation_is_one_the_program_takes() {
    let mut checked = 0;
    for (path, text) in pages() {
        for line in code(&text) {
            let Some(words) = arguments(&line) else { continue };
            // Several commands in one line, as in `me · usage`.
            for call in words.split(|word| word == "·") {
                // With --help the program reads all that stands before it, and does nothing.
                let ran = program().args(call).arg("--help").output().unwrap();
                assert!(
                    ran.status.success(),
                    "{}: {line}\n{}",
                    path.display(),
                    String::from_utf8_lossy(&ran.stderr)
                );
                checked += 1;
            }
        }
    }
    assert!(checked >= 20, "only {checked} commands were found");
}

#[test]
fn every_option_of_the_command_line_is_explained() {
    let helps = helps(&[]);
    assert!(helps.len() >= 15, "only {} commands were found", helps.len());
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/commands.md")).unwrap();
    let named: Vec<String> = code(&text)
        .iter()
        .flat_map(|piece| piece.split_whitespace())
        .map(str::to_owned)
        .collect();
    let mut checked = 0;
    for help in helps {
        for option in help.lines().filter_map(|line| {
            let line = line.trim_start();
            // As in `-h, --help`, or alone.
            let long = if line.starts_with("--") { line } else { line.split_once(", ")?.1 };
            let ours = line.starts_with('-') && long.starts_with("--");
            long.split_whitespace().next().filter(|_| ours)
        }) {
            assert!(named.iter().any(|name| name == option), "docs/commands.md does not name {option}");
            checked += 1;
        }
    }
    assert!(checked >= 40, "only {checked} options were found");
}

#[test]
fn every_option_of_the_configuration_is_explained() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("config.toml");
    let ran = program()
        .args(["config", "init", "--config"])
        .arg(&file)
        .env("HOME", home.path())
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let options: Vec<String> = std::fs::read_to_string(&file)
        .unwrap()
        .lines()
        .take_while(|line| !line.contains('['))
        .filter_map(|line| line.strip_prefix("# ")?.split_once(" = ").map(|(name, _)| name.to_owned()))
        .filter(|name| !name.contains(' '))
        .collect();
    assert!(options.len() >= 10, "{options:?}");
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md")).unwrap();
    for option in options {
        assert!(
            page.contains(&format!("`{option}`")),
            "docs/configuration.md does not name {option}"
        );
    }
}

#[test]
fn every_link_leads_somewhere() {
    let mut checked = 0;
    for (path, text) in pages() {
        for target in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            if target.contains("://") {
                continue;
            }
            let file = path.parent().unwrap().join(target.split('#').next().unwrap());
            assert!(file.exists(), "{}: {target}", path.display());
            checked += 1;
        }
    }
    assert!(checked >= 5, "only {checked} links were found");
}

#[test]
fn every_path_in_the_documentation_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ours = ["src/", "tests/", "docs/", "assets/", "benches/", "scripts/"];
    let mut checked = 0;
    for (page, text) in pages() {
        for named in prose(&text).flat_map(between_backticks) {
            // A test is named behind its file, arguments behind a script.
            let path = named.split([':', ' ']).next().unwrap();
            if ours.iter().any(|folder| path.starts_with(folder)) {
                assert!(root.join(path).exists(), "{}: there is no {path}", page.display());
                checked += 1;
            }
        }
    }
    assert!(checked >= 100, "only {checked} paths were found");
}
