//! Every sample configuration behaves as its name says, and `config` tells what holds.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use std::path::{Path, PathBuf};

use common::House;

fn samples(kind: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configs").join(kind);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 4, "{kind}");
    files
}

#[test]
fn valid_samples_are_taken() {
    let house = House::new();
    for file in samples("valid") {
        let ran = house.run(&["config", "show", "--config", file.to_str().unwrap()]);
        assert_eq!(ran.exit(), 0, "{}: {}", file.display(), ran.stderr());
    }
    let everything = samples("valid").into_iter().find(|file| file.ends_with("everything.toml")).unwrap();
    let shown = house
        .run_with(
            &["config", "show", "--config", everything.to_str().unwrap()],
            &[("TRACKYARD_API_URL", "")],
        )
        .stdout();
    for line in [
        "api_url = \"https://example.com/v1\"",
        "# budget_session: 20",
        "max_wait = 60",
        "theme = \"high-contrast\"",
        "mouse = false",
        "keyring = true",
        "auto_audition = false",
        "# api_key: set, not shown",
    ] {
        assert!(shown.contains(line), "{line} is missing:\n{shown}");
    }
    assert!(!shown.contains(house.sandbox.key()));
}

#[test]
fn invalid_samples_are_refused_with_place_and_cure() {
    let house = House::new();
    for file in samples("invalid") {
        let text = std::fs::read_to_string(&file).unwrap();
        let expected = text.lines().next().unwrap().strip_prefix("# expect: ").unwrap();
        let path = file.to_str().unwrap();
        let ran = house.run_with(&["search", "piano", "--config", path], &[("TRACKYARD_API_URL", "")]);
        assert_eq!(ran.exit(), 2, "{path}: {}", ran.stderr());
        assert!(ran.stderr().contains(expected), "{path}: {}", ran.stderr());
        assert!(!ran.stderr().contains("secret"), "{path}: {}", ran.stderr());
    }
    assert!(house.sandbox.requests().is_empty());
}

#[test]
fn the_documented_file_changes_nothing_is_private_and_is_never_overwritten() {
    let house = House::new();
    let before = house.run(&["config", "show"]).stdout();
    let path = house.run(&["config", "path"]).exits(0).stdout().trim().to_owned();
    assert_eq!(house.run(&["config", "init"]).exits(0).stdout().trim(), path);
    assert_eq!(house.run(&["config", "show"]).exits(0).stdout(), before);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    std::fs::write(&path, "mouse = false").unwrap();
    let again = house.run(&["config", "init"]);
    assert_eq!(again.exit(), 1);
    assert!(again.stderr().contains("stays as it is"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mouse = false");
}

#[test]
fn what_holds_is_shown_of_every_option_of_the_documented_file() {
    let house = House::new();
    let path = house.run(&["config", "init"]).exits(0).stdout();
    let documented = std::fs::read_to_string(path.trim()).unwrap();
    let options: Vec<&str> = documented
        .lines()
        .take_while(|line| !line.starts_with("# [keys"))
        .filter_map(|line| line.strip_prefix("# ")?.split_once(" = ").map(|(name, _)| name))
        .filter(|name| !name.contains(' '))
        .collect();
    assert!(options.len() >= 15, "{options:?}");
    let shown = house.run(&["config", "show"]).exits(0).stdout();
    for option in options {
        // What has no value is a remark.
        let (value, remark) = (format!("{option} = "), format!("# {option}: "));
        assert!(
            shown.lines().any(|line| line.starts_with(&value) || line.starts_with(&remark)),
            "{option} is missing:\n{shown}"
        );
    }
    for folder in [".local/share", ".local/state", ".cache"] {
        let ours = house.path().join(folder).join("trackyard-tui").display().to_string();
        assert!(shown.contains(&ours), "{ours} is missing:\n{shown}");
    }
}

#[test]
fn every_option_of_the_documented_file_can_be_taken_as_it_is_written() {
    let house = House::new();
    let path = house.run(&["config", "path"]).stdout().trim().to_owned();
    house.run(&["config", "init"]).exits(0);
    let documented = std::fs::read_to_string(&path).unwrap();
    // An option is written as "# name = value", a sentence is not.
    let option = |line: &str| {
        line.split_once(" = ")
            .is_some_and(|(name, _)| !name.trim_start_matches("# ").contains(' '))
    };
    let all: Vec<String> = documented
        .lines()
        .filter(|line| option(line) || line.starts_with("# [keys"))
        .map(|line| line.trim_start_matches("# ").to_owned())
        .collect();
    assert!(all.len() > 10, "{all:?}");
    std::fs::write(&path, all.join("\n").replace('…', "x")).unwrap();
    let ran = house.run(&["config", "show"]);
    assert_eq!(ran.exit(), 0, "{}", ran.stderr());
    assert!(
        !ran.stdout().contains("# keys:"),
        "the default keys reach everything: {}",
        ran.stdout()
    );
    for action in trackyard_tui::input::Action::ALL.iter().filter(|action| action.name() != "ask") {
        assert!(
            all.iter().any(|line| line.starts_with(&format!("{} = ", action.name()))),
            "{}",
            action.name()
        );
    }
}

#[test]
fn what_no_key_reaches_is_told() {
    let house = House::new();
    let path = house.run(&["config", "path"]).stdout().trim().to_owned();
    std::fs::create_dir_all(Path::new(&path).parent().unwrap()).unwrap();
    std::fs::write(&path, "[keys.results]\ndown = 'q'\n[keys.global]\nusage = []\n").unwrap();
    let shown = house.run(&["config", "show"]).exits(0).stdout();
    assert!(shown.contains("# keys: global.usage has no key"), "{shown}");
    assert!(
        shown.contains("# keys: global.quit is out of reach in results: q does down there"),
        "{shown}"
    );
}

#[test]
fn the_path_is_told_even_of_a_file_that_cannot_be_understood() {
    let house = House::new();
    let path = house.run(&["config", "path"]).stdout().trim().to_owned();
    std::fs::create_dir_all(Path::new(&path).parent().unwrap()).unwrap();
    std::fs::write(&path, "nonsense").unwrap();
    assert_eq!(house.run(&["config", "path"]).exits(0).stdout().trim(), path);
    assert_eq!(house.run(&["config", "show"]).exit(), 2);
}
