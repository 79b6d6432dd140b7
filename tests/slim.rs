//! The program as it is built without sound and sandbox: it must not promise what it does not have.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::{Command, Output, Stdio};

fn run(home: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_trackyard-tui"))
        .args(args)
        .env_clear()
        .env("HOME", home)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

#[test]
fn completions_are_made_for_every_shell_and_name_every_command() {
    let home = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = run(home.path(), &["completions", shell]);
        assert!(ran.status.success(), "{shell}");
        let script = String::from_utf8(ran.stdout).unwrap();
        for word in ["trackyard-tui", "search", "download", "no-vocals", "hit-point"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    assert_eq!(run(home.path(), &["completions", "tcsh"]).status.code(), Some(2));
}

#[cfg(unix)]
#[test]
fn bash_takes_the_completions_and_completes_with_them() {
    let home = tempfile::tempdir().unwrap();
    let script = home.path().join("completions");
    std::fs::write(&script, run(home.path(), &["completions", "bash"]).stdout).unwrap();
    let ask = format!(
        "source {}; f=$(complete -p trackyard-tui | grep -o -- '-F [^ ]*'); COMP_WORDS=(trackyard-tui dow); COMP_CWORD=1; ${{f#-F }} trackyard-tui dow trackyard-tui; echo \"${{COMPREPLY[@]}}\"",
        script.display()
    );
    let Ok(ran) = Command::new("bash").args(["--norc", "-c", &ask]).output() else {
        eprintln!("there is no bash here to ask");
        return;
    };
    assert_eq!(
        String::from_utf8_lossy(&ran.stdout).trim(),
        "download",
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
}

#[test]
fn the_manual_has_every_command_and_keeps_the_lines_of_its_examples() {
    let home = tempfile::tempdir().unwrap();
    let ran = run(home.path(), &["man"]);
    assert!(ran.status.success());
    let page = String::from_utf8(ran.stdout).unwrap();
    assert!(page.contains(".TH trackyard-tui"), "{page}");
    for word in ["SEARCH", "DOWNLOAD", "BATCH", "RECEIPTS", "CONFIG", "COMPLETIONS", "MAN"] {
        assert!(page.contains(&format!("COMMAND {word}")), "{word}");
    }
    let folder = home.path().join("man1");
    assert!(run(home.path(), &["man", "--output", folder.to_str().unwrap()]).status.success());
    let search = std::fs::read_to_string(folder.join("trackyard-tui-search.1")).unwrap();
    assert!(search.contains("hit") || search.contains("min"), "{search}");
    // Formatted as `man` does it, where groff is here.
    if let Ok(mut man) = Command::new("man")
        .args(["-l", "-"])
        .env("MANWIDTH", "100")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
    {
        use std::io::Write;
        // A stub in the place of `man` reads nothing.
        let _ = man.stdin.take().unwrap().write_all(page.as_bytes());
        let shown = String::from_utf8_lossy(&man.wait_with_output().unwrap().stdout).into_owned();
        if shown.contains("trackyard-tui") {
            let example = shown
                .lines()
                .find(|line| line.contains("trackyard-tui search") && line.contains("epic trailer"));
            assert!(
                example.is_some_and(|line| !line.contains("lo-fi")),
                "examples are not run together: {shown}"
            );
        }
    }
}

#[cfg(not(feature = "sandbox"))]
#[test]
fn without_the_sandbox_it_is_neither_a_command_nor_a_choice() {
    let home = tempfile::tempdir().unwrap();
    assert_eq!(run(home.path(), &["sandbox"]).status.code(), Some(2));
    let ran = run(home.path(), &["--plain", "--sandbox"]);
    assert!(
        String::from_utf8_lossy(&ran.stdout).contains("this build has no sandbox"),
        "{ran:?}"
    );
    let ran = run(home.path(), &["--plain"]);
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(said.contains("There is no API key yet") && !said.contains("play money"), "{said}");
    let ran = run(home.path(), &["me"]);
    assert_eq!(ran.status.code(), Some(3));
    assert!(!String::from_utf8_lossy(&ran.stderr).contains("sandbox"), "{ran:?}");
    assert_eq!(run(home.path(), &["--sandbox", "me"]).status.code(), Some(2));
}

#[test]
fn without_a_terminal_and_a_key_commands_still_say_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    let ran = run(home.path(), &["me"]);
    assert_eq!(ran.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&ran.stderr).contains("TRACKYARD_API_KEY"));
    assert!(run(home.path(), &["config", "show"]).status.success());
}
