//! The key in the system's keyring: a `secret-tool` that keeps it in a file, on the `PATH` of the whole program.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![cfg(all(unix, not(target_os = "macos")))]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use common::{House, Ran, terminal::Terminal};

/// Keeps one key in a file beside it, with the address it is for, and writes down what stands in its arguments.
const SECRET_TOOL: &str = r#"#!/bin/sh
echo "$*" >> "$0.args"
[ ! -p "$0.gate" ] || read -r opened < "$0.gate"
[ ! -f "$0.complaint" ] || { cat "$0.complaint" >&2; exit 1; }
case $1 in
    lookup) [ "$5" = "$(cat "$0.account" 2> /dev/null)" ] || exit 1; cat "$0.secret" ;;
    store) printf %s "$6" > "$0.account"; cat > "$0.secret" ;;
esac
"#;

/// A house with a keyring in it, and no key in its environment.
struct Keyed {
    house: House,
}

impl Keyed {
    fn new() -> Self {
        let keyed = Self { house: House::new() };
        std::fs::create_dir(keyed.beside("").parent().unwrap()).unwrap();
        // Another process writes it: a script that is open for writing here while some other test starts a program cannot be run.
        let mut shell = Command::new("sh")
            .args(["-c", "cat > \"$0\" && chmod 700 \"$0\""])
            .arg(keyed.tool())
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        shell.stdin.take().unwrap().write_all(SECRET_TOOL.as_bytes()).unwrap();
        assert!(shell.wait().unwrap().success());
        keyed
    }

    fn tool(&self) -> PathBuf {
        self.house.path().join("tools/secret-tool")
    }

    fn beside(&self, ending: &str) -> PathBuf {
        self.house.path().join(format!("tools/secret-tool.{ending}"))
    }

    /// What it was called with, all calls.
    fn args(&self) -> String {
        std::fs::read_to_string(self.beside("args")).unwrap_or_default()
    }

    /// Puts a key into the keyring, for this API.
    fn has(&self, key: &str) {
        std::fs::write(self.beside("account"), self.house.sandbox.api_url()).unwrap();
        std::fs::write(self.beside("secret"), key).unwrap();
    }

    fn config(&self) -> PathBuf {
        self.house.path().join(".config/trackyard-tui/config.toml")
    }

    fn configure(&self, text: &str) {
        let path = self.config();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    }

    /// A `PATH` with the tool on it.
    fn path(&self) -> String {
        let others = std::env::var("PATH").unwrap_or_default();
        format!("{}:{others}", self.tool().parent().unwrap().display())
    }

    /// Runs a command; nothing of it may show the key.
    fn run(&self, args: &[&str], variables: &[(&str, &str)]) -> Ran {
        let path = self.path();
        let mut all = vec![("TRACKYARD_API_KEY", ""), ("PATH", path.as_str())];
        all.extend(variables);
        let ran = self.house.run_with(args, &all);
        self.shown_nowhere(&(ran.stdout() + &ran.stderr()));
        ran
    }

    fn environment(&self) -> Vec<(String, String)> {
        let mut environment = self.house.environment();
        environment.retain(|(name, _)| name != "TRACKYARD_API_KEY");
        environment.push(("PATH".into(), self.path()));
        environment
    }

    #[track_caller]
    fn shown_nowhere(&self, text: &str) {
        assert!(!text.contains(self.house.sandbox.key()), "{text}");
    }

    /// The key is in no argument, and in no file but that of the keyring.
    #[track_caller]
    fn is_in_the_keyring_alone(&self) {
        let key = self.house.sandbox.key();
        self.shown_nowhere(&self.args());
        for file in self.house.files() {
            // A database tidies up after itself while one looks.
            let Ok(bytes) = std::fs::read(&file) else { continue };
            let holds = bytes.windows(key.len()).any(|part| part == key.as_bytes());
            assert_eq!(holds, file == self.beside("secret"), "{}", file.display());
        }
    }
}

#[test]
fn the_environments_key_comes_first_then_the_keyrings_then_the_files() {
    let keyed = Keyed::new();
    let right = keyed.house.sandbox.key().to_owned();
    keyed.configure("keyring = true\napi_key = 'trackyard_live_of_the_file'\n");
    keyed.has(&right);
    assert_eq!(keyed.run(&["me"], &[]).exits(0).stderr(), "");
    let asked = keyed.args();
    assert_eq!(
        asked,
        format!("lookup service trackyard-tui account {}\n", keyed.house.sandbox.api_url())
    );

    let wrong = keyed
        .run(&["me"], &[("TRACKYARD_API_KEY", "trackyard_live_of_the_environment")])
        .exits(3);
    assert!(wrong.stderr().contains("app.trackyard.com/api-keys"), "{}", wrong.stderr());
    assert_eq!(keyed.args(), asked, "with a key in the environment it is not asked");

    // An entry for another API is none for this one.
    std::fs::write(keyed.beside("account"), "https://api.example.com/v1").unwrap();
    keyed.run(&["me"], &[]).exits(3);
    keyed.configure("keyring = true\n");
    let none = keyed.run(&["me"], &[]).exits(3).stderr();
    assert!(
        none.contains("the keyring has none for http") && none.contains("play money first: trackyard-tui --sandbox"),
        "{none}"
    );
    keyed.configure(&format!("keyring = true\napi_key = '{right}'\n"));
    assert_eq!(keyed.run(&["me"], &[]).exits(0).stderr(), "");
}

#[test]
fn it_is_asked_only_where_it_is_wanted_and_never_to_show_the_configuration() {
    let keyed = Keyed::new();
    keyed.has(keyed.house.sandbox.key());
    assert!(keyed.run(&["me"], &[]).exits(3).stderr().contains("there is no API key"));
    keyed.configure("keyring = false\n");
    keyed.run(&["me"], &[]).exits(3);
    keyed.configure("keyring = true\n");
    let shown = keyed.run(&["config", "show"], &[]).exits(0).stdout();
    assert!(
        shown.contains("keyring = true") && shown.contains("the keyring is asked"),
        "{shown}"
    );
    keyed.run(&["search", "calm piano", "--offline", "--json"], &[]).exits(0);
    assert_eq!(keyed.args(), "");
    keyed.run(&["me"], &[]).exits(0);
    assert_ne!(keyed.args(), "");
    keyed.is_in_the_keyring_alone();
}

#[test]
fn what_goes_wrong_is_told_with_what_to_do_and_the_files_key_stands_in() {
    let keyed = Keyed::new();
    let nowhere = keyed.house.path().join("nowhere").display().to_string();
    let key = keyed.house.sandbox.key();
    for (complaint, path, told) in [
        (None, Some(nowhere.as_str()), "Install libsecret-tools"),
        (
            Some("secret-tool: Cannot autolaunch D-Bus without X11 $DISPLAY"),
            None,
            "no session bus (as over SSH)",
        ),
        (
            Some("secret-tool: IsLocked: the collection is locked"),
            None,
            "Unlock it and try again",
        ),
        // Whatever it complains about, none of it is repeated.
        (Some(key), None, "TRACKYARD_API_KEY"),
    ] {
        let _ = std::fs::remove_file(keyed.beside("complaint"));
        if let Some(complaint) = complaint {
            std::fs::write(keyed.beside("complaint"), complaint).unwrap();
        }
        let path: Vec<(&str, &str)> = path.map(|path| ("PATH", path)).into_iter().collect();
        keyed.configure("keyring = true\n");
        let failed = keyed.run(&["me", "--json"], &path).exits(3).json();
        assert_eq!(failed["error"]["code"], "keyring");
        assert!(failed["error"]["message"].as_str().unwrap().contains(told), "{told}: {failed}");
        keyed.configure(&format!("keyring = true\napi_key = '{key}'\n"));
        let ran = keyed.run(&["me"], &path).exits(0);
        assert!(
            ran.stderr().contains(told) && ran.stderr().contains("Until then"),
            "{}",
            ran.stderr()
        );
    }
    std::fs::remove_file(keyed.beside("complaint")).unwrap();
    keyed.configure("keyring = true\n");
    let none = keyed.run(&["me", "--json"], &[]).exits(3).json();
    assert_eq!(none["error"]["code"], "no_key");
    assert!(
        none["error"]["message"]
            .as_str()
            .unwrap()
            .contains("the keyring has none for http://")
    );
}

#[test]
fn what_the_keyring_holds_and_is_no_key_is_refused_also_beside_one_in_the_file() {
    let keyed = Keyed::new();
    let right = keyed.house.sandbox.key();
    keyed.configure(&format!("keyring = true\napi_key = '{right}'\n"));
    for kept in ["", "trackyard_live_\u{1b}[2Jsec\nret"] {
        keyed.has(kept);
        let ran = keyed.run(&["me", "--json"], &[]).exits(3);
        assert_eq!(ran.json()["error"]["code"], "bad_key");
        assert!(
            !ran.stderr().contains("sec\nret") && !ran.stdout().contains("live_"),
            "{}",
            ran.stdout()
        );
    }
    assert!(keyed.house.sandbox.requests().is_empty());
}

#[test]
fn a_command_says_what_it_waits_for() {
    let keyed = Keyed::new();
    keyed.configure("keyring = true\n");
    keyed.has(keyed.house.sandbox.key());
    assert!(Command::new("mkfifo").arg(keyed.beside("gate")).status().unwrap().success());
    let mut child = keyed
        .house
        .command(&["me"])
        .env_remove("TRACKYARD_API_KEY")
        .env("PATH", keyed.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    let waiting = said.next().unwrap().unwrap();
    assert!(waiting.contains("waiting for the keyring"), "{waiting}");
    // Somebody has typed the keyring's password.
    std::fs::write(keyed.beside("gate"), "open\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().contains("credits"));
    assert!(said.next().is_none());
}

#[test]
fn at_the_first_start_a_pasted_key_goes_into_the_keyring_by_one_key() {
    let keyed = Keyed::new();
    let key = keyed.house.sandbox.key().to_owned();
    keyed.configure("# mine\nmouse = false\n");
    let mut terminal = Terminal::start(&["--no-audio"], &keyed.environment(), 140, 42);
    terminal.wait_for("kept in the keyring or a file");
    terminal.type_keys("k");
    terminal.wait_for("● the configuration file").wait_for("○ the system's keyring");
    terminal.type_keys("\t");
    terminal.wait_for("● the system's keyring");
    terminal.type_keys(&format!("\x1b[200~{key}\n\x1b[201~"));
    terminal.wait_for(&format!("{} characters", key.len()));
    keyed.shown_nowhere(&terminal.screen());
    terminal.type_keys("\r");
    terminal.wait_for("The key is kept in the keyring").wait_for("50 of 50");
    keyed.shown_nowhere(&terminal.screen());
    terminal.type_keys("\x03");
    terminal.wait_exit();
    assert_eq!(
        std::fs::read_to_string(keyed.config()).unwrap(),
        "keyring = true\n# mine\nmouse = false\n"
    );
    assert!(keyed.args().starts_with("store --label="), "{}", keyed.args());
    keyed.is_in_the_keyring_alone();

    // The next start has it, and says where from.
    let mut terminal = Terminal::start(&["--no-audio"], &keyed.environment(), 140, 42);
    terminal.wait_for("50 of 50");
    terminal.type_keys("\tU");
    terminal.wait_for("from the keyring");
    terminal.type_keys("\x03");
    terminal.wait_exit();
    keyed.is_in_the_keyring_alone();
}

#[test]
fn without_the_tool_the_file_is_the_one_place_and_says_why() {
    let keyed = Keyed::new();
    let key = keyed.house.sandbox.key().to_owned();
    let mut environment = keyed.environment();
    environment.push(("PATH".into(), keyed.house.path().join("nowhere").display().to_string()));
    let mut terminal = Terminal::start(&["--no-audio"], &environment, 140, 42);
    terminal.wait_for("kept in the configuration");
    terminal.type_keys("k");
    terminal.wait_for("the keyring cannot be reached");
    terminal.type_keys(&format!("\t\x1b[200~{key}\x1b[201~"));
    terminal.wait_for(&format!("{} characters", key.len()));
    terminal.type_keys("\r");
    terminal.wait_for("The key is kept in").wait_for("50 of 50");
    terminal.type_keys("\x03");
    terminal.wait_exit();
    assert!(std::fs::read_to_string(keyed.config()).unwrap().starts_with("api_key = "));
}

#[test]
fn a_keyring_that_gives_none_leaves_the_choice_and_its_reason() {
    let keyed = Keyed::new();
    keyed.configure("keyring = true\n");
    std::fs::write(keyed.beside("complaint"), "secret-tool: the collection is locked").unwrap();
    let mut terminal = Terminal::start(&["--no-audio"], &keyed.environment(), 140, 42);
    terminal.wait_for("the keyring is locked").wait_for("use a key of your own");
    terminal.type_keys("s");
    terminal.wait_for("sandbox").wait_for("50");
    terminal.type_keys("\x03");
    terminal.wait_exit();
}

#[test]
fn in_lines_the_keyring_is_asked_for_by_its_name() {
    let keyed = Keyed::new();
    let key = keyed.house.sandbox.key();
    let mut command = keyed.house.command(&["--plain", "--no-audio"]);
    command.env_remove("TRACKYARD_API_KEY").env("PATH", keyed.path());
    let output = common::fed(&mut command, &format!("key somewhere\nkey keyring\n{key}\naccount\n"));
    let said = String::from_utf8(output.stdout).unwrap();
    for words in [
        "say key keyring to keep it",
        "nothing else in that line",
        "The key is kept in the keyring",
        "Credits: 50 of 50",
    ] {
        assert!(said.contains(words), "{words} is missing:\n{said}");
    }
    assert!(!said.contains("somewhere"), "{said}");
    keyed.shown_nowhere(&said);
    keyed.is_in_the_keyring_alone();
}
