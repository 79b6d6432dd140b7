//! Against tools that are shell scripts: they keep the key in a file, and write down what stands in their arguments.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::mpsc;

use super::*;

const ORIGIN: &str = "https://api.example.com/v1";
const KEY: &str = "trackyard_live_of_the_keyring";

/// Answers as `secret-tool` does, from files beside it.
const SECRET_TOOL: &str = r#"#!/bin/sh
echo "$*" >> "$0.args"
case $1 in
    lookup) [ -f "$0.secret" ] || exit 1; cat "$0.secret" ;;
    store) cat > "$0.secret" ;;
    search) [ ! -f "$0.locked" ] || echo '[/1]' ;;
esac
"#;

/// Answers as `security` does; with `-i` it only writes down what it is told.
const SECURITY: &str = r#"#!/bin/sh
echo "$*" >> "$0.args"
case $1 in
    -i) cat > "$0.order"; printf %s trackyard_live_of_the_keyring > "$0.secret" ;;
    *) [ -f "$0.secret" ] || exit 44; cat "$0.secret"; echo ;;
esac
"#;

/// A folder with such a tool in it.
struct Place {
    folder: tempfile::TempDir,
    name: &'static str,
}

impl Place {
    fn new(kind: Kind, script: &str) -> Self {
        let place = Self {
            folder: tempfile::tempdir().unwrap(),
            name: kind.name(),
        };
        // Another process writes it: a script that is open for writing here while some other test starts a program cannot be run.
        let mut shell = Command::new("sh")
            .args(["-c", "cat > \"$0\" && chmod 700 \"$0\""])
            .arg(place.tool())
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        shell.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
        assert!(shell.wait().unwrap().success());
        place
    }

    fn tool(&self) -> PathBuf {
        self.folder.path().join(self.name)
    }

    fn beside(&self, ending: &str) -> PathBuf {
        self.folder.path().join(format!("{}.{ending}", self.name))
    }

    fn says(&self, ending: &str) -> String {
        std::fs::read_to_string(self.beside(ending)).unwrap_or_default()
    }

    fn secret_tool(&self) -> Keyring {
        Keyring::along(self.folder.path().as_os_str()).unwrap()
    }
}

fn key() -> ApiKey {
    ApiKey::new(KEY).unwrap()
}

#[tokio::test]
async fn a_key_is_kept_and_found_and_stands_in_no_argument() {
    let place = Place::new(Kind::SecretTool, SECRET_TOOL);
    let keyring = place.secret_tool();
    assert_eq!(keyring.look_up(ORIGIN).await, Ok(None));
    keyring.store(ORIGIN, &key()).await.unwrap();
    assert_eq!(place.says("secret"), KEY);
    assert_eq!(keyring.look_up(ORIGIN).await, Ok(Some(key())));
    let args = place.says("args");
    assert!(
        args.contains(&format!("store --label=Trackyard API key service trackyard-tui account {ORIGIN}")),
        "{args}"
    );
    assert!(!args.contains("live"), "{args}");
}

#[tokio::test]
async fn an_entry_that_stays_locked_is_not_taken_for_none() {
    let place = Place::new(Kind::SecretTool, SECRET_TOOL);
    std::fs::write(place.beside("locked"), "").unwrap();
    assert_eq!(place.secret_tool().look_up(ORIGIN).await, Err(KeyringError::Locked));
}

#[tokio::test]
async fn what_cannot_be_read_again_was_not_kept() {
    let place = Place::new(Kind::SecretTool, "#!/bin/sh\ncat > /dev/null\n[ \"$1\" != lookup ]\n");
    assert_eq!(place.secret_tool().store(ORIGIN, &key()).await, Err(KeyringError::Locked));
}

#[tokio::test]
async fn complaints_are_understood_and_never_repeated() {
    for (said, expected) in [
        ("Cannot autolaunch D-Bus without X11 $DISPLAY", KeyringError::NoService),
        ("Could not connect: No such file or directory", KeyringError::NoService),
        (
            "The name org.freedesktop.secrets was not provided by any .service files",
            KeyringError::NoService,
        ),
        (
            "GDBus.Error:org.freedesktop.Secret.Error.IsLocked: Cannot create an item in a locked collection",
            KeyringError::Locked,
        ),
        ("Timeout was reached", KeyringError::Silent),
    ] {
        let script = format!("#!/bin/sh\ncat > /dev/null\necho 'secret-tool: {said}' >&2\nexit 1\n");
        let place = Place::new(Kind::SecretTool, &script);
        let keyring = place.secret_tool();
        assert_eq!(keyring.look_up(ORIGIN).await, Err(expected.clone()), "{said}");
        assert_eq!(keyring.store(ORIGIN, &key()).await, Err(expected), "{said}");
    }
    // Whatever it says, and to wherever.
    let place = Place::new(Kind::SecretTool, "#!/bin/sh\ncat\necho trackyard_live_secret >&2\nexit 3\n");
    for error in [
        place.secret_tool().look_up(ORIGIN).await.unwrap_err(),
        place.secret_tool().store(ORIGIN, &key()).await.unwrap_err(),
    ] {
        let told = format!("{error} {error:?}");
        assert!(told.contains("secret-tool failed") && told.contains('3'), "{told}");
        assert!(!told.contains("live"), "{told}");
    }
}

#[tokio::test]
async fn what_is_no_key_is_refused_without_being_shown() {
    for (kept, why) in [
        ("", "empty"),
        ("  \n", "empty"),
        ("live\nsecret", "line break"),
        ("live\u{1b}[2Jsecret", "no key has"),
        (&*"live".repeat(2000), "longer"),
    ] {
        let place = Place::new(Kind::SecretTool, SECRET_TOOL);
        std::fs::write(place.beside("secret"), kept).unwrap();
        let error = place.secret_tool().look_up(ORIGIN).await.unwrap_err();
        assert!(matches!(&error, KeyringError::NotAKey(text) if text.contains(why)), "{error}");
        assert!(!error.to_string().contains("live"), "{error}");
    }
    let place = Place::new(Kind::SecretTool, "#!/bin/sh\nexec yes trackyard_live\n");
    let endless = place.secret_tool().look_up(ORIGIN).await.unwrap_err();
    assert!(endless.to_string().contains("longer"), "{endless}");
}

#[tokio::test]
async fn a_tool_that_hangs_is_given_up() {
    let place = Place::new(Kind::SecretTool, "#!/bin/sh\nexec sleep 3600\n");
    let keyring = Keyring {
        patience: Duration::from_millis(50),
        ..place.secret_tool()
    };
    assert_eq!(keyring.look_up(ORIGIN).await, Err(KeyringError::Silent));
    assert_eq!(keyring.store(ORIGIN, &key()).await, Err(KeyringError::Silent));
}

#[tokio::test]
async fn a_tool_that_nobody_waits_for_any_more_is_ended() {
    // What it holds open is closed when it ends.
    let place = Place::new(
        Kind::SecretTool,
        "#!/bin/sh\nexec 3> \"$0.alive\"\necho started >&3\nexec sleep 3600\n",
    );
    assert!(Command::new("mkfifo").arg(place.beside("alive")).status().unwrap().success());
    let (tell, told) = mpsc::channel();
    let pipe = place.beside("alive");
    std::thread::spawn(move || {
        use std::io::{BufRead, BufReader};
        let lines = BufReader::new(std::fs::File::open(pipe).unwrap()).lines();
        lines.map_while(Result::ok).for_each(|line| drop(tell.send(line)));
    });
    let keyring = place.secret_tool();
    let asking = tokio::spawn(async move { keyring.look_up(ORIGIN).await });
    let told = tokio::task::spawn_blocking(move || (told.recv_timeout(PATIENCE), told));
    let (first, told) = told.await.unwrap();
    assert_eq!(first.as_deref(), Ok("started"));
    asking.abort();
    assert!(asking.await.is_err());
    let end = tokio::task::spawn_blocking(move || told.recv_timeout(PATIENCE)).await.unwrap();
    assert_eq!(end, Err(mpsc::RecvTimeoutError::Disconnected), "it runs on");
}

#[test]
fn only_a_tool_that_can_be_run_is_found() {
    let place = Place::new(Kind::SecretTool, SECRET_TOOL);
    let empty = tempfile::tempdir().unwrap();
    let path = std::env::join_paths([Path::new("relative"), empty.path(), place.folder.path()]).unwrap();
    assert_eq!(Keyring::along(&path).unwrap().tool, place.tool());
    std::fs::write(empty.path().join("secret-tool"), "no program").unwrap();
    assert_eq!(Keyring::along(&path).unwrap().tool, place.tool());
    let error = Keyring::along(empty.path().as_os_str()).unwrap_err();
    assert!(error.to_string().contains("Install libsecret"), "{error}");
}

#[tokio::test]
async fn security_reads_the_key_from_its_input_and_takes_it_as_it_is() {
    let place = Place::new(Kind::Security, SECURITY);
    let keyring = Keyring::with(Kind::Security, place.tool());
    assert_eq!(keyring.look_up(ORIGIN).await, Ok(None));
    keyring.store(ORIGIN, &key()).await.unwrap();
    assert_eq!(keyring.look_up(ORIGIN).await, Ok(Some(key())));
    assert!(!place.says("args").contains("live"), "{}", place.says("args"));
    assert_eq!(
        place.says("order"),
        "add-generic-password -U -s trackyard-tui -a https\\:\\/\\/api\\.example\\.com\\/v1 -w trackyard\\_live\\_of\\_the\\_keyring\n"
    );
    let odd = order_to_add("o", &ApiKey::new("a'b\"c\\d").unwrap());
    assert_eq!(*odd, "add-generic-password -U -s trackyard-tui -a o -w a\\'b\\\"c\\\\d\n");
    // A key is no reason to hand over a line that would be cut.
    let long = ApiKey::new(&"-".repeat(LONGEST_LINE)).unwrap();
    assert!(matches!(keyring.store(ORIGIN, &long).await, Err(KeyringError::NotAKey(_))));
    for code in [36, 51, 128] {
        let place = Place::new(Kind::Security, &format!("#!/bin/sh\nexit {code}\n"));
        let keyring = Keyring::with(Kind::Security, place.tool());
        assert_eq!(keyring.look_up(ORIGIN).await, Err(KeyringError::Locked), "{code}");
    }
}
