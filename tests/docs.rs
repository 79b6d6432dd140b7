//! What the documentation says, held against the program: its commands, its keys, its options, its links.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::PROGRAM;
use trackyard_tui::input::{Action, Keymap};

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
            found.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    found
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
    let rest = rest.split("   ").next()?.split(" | ").next()?.split(" > ").next()?;
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
                let ran = Command::new(PROGRAM).args(call).arg("--help").output().unwrap();
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
fn every_key_of_the_readme_is_one_of_the_keymap() {
    let keymap = Keymap::standard();
    let bound: Vec<String> = Action::ALL
        .iter()
        .flat_map(|action| keymap.keys(*action).map(ToString::to_string).collect::<Vec<_>>())
        .collect();
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let table = text.split("## The first keys").nth(1).unwrap().split("\n## ").next().unwrap();
    let mut checked = 0;
    for row in table.lines().filter(|line| line.starts_with("| ")) {
        let keys = row.trim_start_matches('|').split(" | ").next().unwrap();
        for key in keys.split('`').skip(1).step_by(2) {
            assert!(
                bound.iter().any(|name| name == key),
                "{key} in {row:?} is no key; there are {bound:?}"
            );
            checked += 1;
        }
    }
    assert!(checked >= 10, "only {checked} keys were found");
}

#[test]
fn every_option_of_the_configuration_is_explained() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("config.toml");
    let ran = Command::new(PROGRAM)
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
