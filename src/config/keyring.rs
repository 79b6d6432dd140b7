//! The operating system's keyring, reached through the tool that the system has for it.
//!
//! The tools and not the crate `keyring`: on Linux that one talks D-Bus, either through libdbus, whose headers would have to be installed to
//! build, or through zbus, which weighs more than all that is said here. `secret-tool` comes with libsecret and does the same for GNOME
//! Keyring, KWallet and KeePassXC; `security` is a part of macOS. Both are handed the key through their standard input: what stands in their
//! arguments can be read by everybody on the machine.

mod tool;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::zeroize::Zeroizing;

use crate::api::{ApiKey, InvalidKey};
use tool::{MOST, Said};

/// What entries are known by, together with the API's address.
const SERVICE: &str = "trackyard-tui";
/// How long a keyring may take: it may ask its owner for a password.
const PATIENCE: Duration = Duration::from_mins(1);
/// The longest line that `security` reads, with some room.
const LONGEST_LINE: usize = 4000;
/// What to do where the tool is missing.
const NO_SECRET_TOOL: &str = "secret-tool is missing. Install libsecret-tools (Debian, Ubuntu) or libsecret (Fedora, Arch), or keep the key in \
the configuration file";
/// What to do where there is no tool at all.
const NO_TOOL_HERE: &str = "this system has no tool that reads it. Keep the key in the configuration file";

/// Why the keyring gives or keeps no key; the text says what to do next, and quotes nothing that a tool has said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// There is no tool to reach it with.
    #[error("the keyring cannot be reached: {0}")]
    NoTool(&'static str),
    /// The tool found nobody to talk to.
    #[error(
        "no keyring answers: there is no session bus (as over SSH), or nothing on it keeps secrets. Start GNOME Keyring, KWallet or \
KeePassXC, or set TRACKYARD_API_KEY"
    )]
    NoService,
    /// It is locked and stays so, or this program is not let near the entry.
    #[error("the keyring is locked, or its question was not answered. Unlock it and try again, or set TRACKYARD_API_KEY")]
    Locked,
    /// It has not answered in time.
    #[error("the keyring has not answered in time. Unlock it and try again, or set TRACKYARD_API_KEY")]
    Silent,
    /// What it holds cannot be a key.
    #[error("trackyard-tui in the keyring: {0}")]
    NotAKey(String),
    /// The tool ended in some other way.
    #[error("the keyring cannot be used: {tool} failed ({how}). Run it by hand to see why, or set TRACKYARD_API_KEY")]
    Failed {
        /// The tool.
        tool: &'static str,
        /// How it ended, or why it was not started.
        how: String,
    },
}

/// The tools there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Of libsecret.
    SecretTool,
    /// Of macOS.
    Security,
}

/// The keyring of this system.
#[derive(Debug, Clone)]
pub struct Keyring {
    kind: Kind,
    tool: PathBuf,
    patience: Duration,
}

impl Keyring {
    /// Finds the tool that reaches it. Looks at the folders of `PATH`, and asks nobody yet.
    ///
    /// # Errors
    /// [`KeyringError::NoTool`].
    pub fn of_this_system() -> Result<Self, KeyringError> {
        if cfg!(target_os = "macos") {
            Ok(Self::with(Kind::Security, PathBuf::from("/usr/bin/security")))
        } else if cfg!(unix) {
            Self::along(&std::env::var_os("PATH").unwrap_or_default())
        } else {
            Err(KeyringError::NoTool(NO_TOOL_HERE))
        }
    }

    /// The first `secret-tool` along this path. What lies in the folder one happens to be in is not meant.
    fn along(path: &OsStr) -> Result<Self, KeyringError> {
        std::env::split_paths(path)
            .filter(|folder| folder.is_absolute())
            .map(|folder| folder.join(Kind::SecretTool.name()))
            .find(|tool| can_run(tool))
            .map(|tool| Self::with(Kind::SecretTool, tool))
            .ok_or(KeyringError::NoTool(NO_SECRET_TOOL))
    }

    fn with(kind: Kind, tool: PathBuf) -> Self {
        Self {
            kind,
            tool,
            patience: PATIENCE,
        }
    }

    /// The key for the API of this address; `None` where there is none. Waits for a minute at most: a locked keyring may ask for its password.
    ///
    /// # Errors
    /// [`KeyringError`].
    pub async fn look_up(&self, origin: &str) -> Result<Option<ApiKey>, KeyringError> {
        self.within(self.read(origin)).await
    }

    /// Keeps the key for the API of this address, in the place of one that is there. Waits for a minute at most.
    ///
    /// # Errors
    /// [`KeyringError`].
    pub async fn store(&self, origin: &str, key: &ApiKey) -> Result<(), KeyringError> {
        self.within(self.write(origin, key)).await
    }

    /// Has it done in time. What takes longer is dropped, and its tool ended.
    async fn within<T>(&self, work: impl Future<Output = Result<T, KeyringError>>) -> Result<T, KeyringError> {
        tokio::time::timeout(self.patience, work).await.unwrap_or(Err(KeyringError::Silent))
    }

    async fn read(&self, origin: &str) -> Result<Option<ApiKey>, KeyringError> {
        let said = self.talk(&self.kind.lookup(origin), "").await?;
        if said.out.len() > MOST {
            return Err(KeyringError::NotAKey("it is longer than any key".to_owned()));
        }
        if said.status.success() {
            return key_of(&said.out).map(Some);
        }
        match (self.kind, said.status.code()) {
            // As errSecItemNotFound ends it.
            (Kind::Security, Some(44)) => Ok(None),
            (Kind::SecretTool, Some(1)) if spoken_of(&said).is_none() => self.look_whether_locked(origin).await,
            _ => Err(self.trouble(&said)),
        }
    }

    /// `secret-tool` says of an entry whose keyring stayed locked what it says of none at all: nothing. Its list names both.
    async fn look_whether_locked(&self, origin: &str) -> Result<Option<ApiKey>, KeyringError> {
        let listed = self.talk(&["search", "service", SERVICE, "account", origin], "").await?;
        if !listed.status.success() {
            Err(self.trouble(&listed))
        } else if listed.out.is_empty() {
            Ok(None)
        } else {
            Err(KeyringError::Locked)
        }
    }

    async fn write(&self, origin: &str, key: &ApiKey) -> Result<(), KeyringError> {
        let said = match self.kind {
            Kind::SecretTool => {
                let label = "--label=Trackyard API key";
                let args = ["store", label, "service", SERVICE, "account", origin];
                self.talk(&args, key.secret()).await?
            }
            Kind::Security => {
                let order = order_to_add(origin, key);
                if order.len() > LONGEST_LINE {
                    return Err(KeyringError::NotAKey("it is longer than any key".to_owned()));
                }
                self.talk(&["-i"], &order).await?
            }
        };
        if !said.status.success() {
            return Err(self.trouble(&said));
        }
        // A question that was not answered can look like success: what counts is what can be read again.
        match self.read(origin).await? {
            Some(kept) if kept == *key => Ok(()),
            _ => Err(KeyringError::Locked),
        }
    }

    async fn talk(&self, args: &[&str], input: &str) -> Result<Said, KeyringError> {
        tool::talk(&self.tool, args, input).await.map_err(|error| KeyringError::Failed {
            tool: self.kind.name(),
            how: error.to_string(),
        })
    }

    /// Why a tool has failed.
    fn trouble(&self, said: &Said) -> KeyringError {
        let known = match (self.kind, said.status.code()) {
            (Kind::SecretTool, _) => spoken_of(said),
            // As errSecInteractionNotAllowed, errSecAuthFailed and errSecUserCanceled end it.
            (Kind::Security, Some(36 | 51 | 128)) => Some(KeyringError::Locked),
            (Kind::Security, _) => None,
        };
        known.unwrap_or_else(|| KeyringError::Failed {
            tool: self.kind.name(),
            how: said.status.to_string(),
        })
    }
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::SecretTool => "secret-tool",
            Self::Security => "security",
        }
    }

    /// The arguments that have the tool print the key.
    fn lookup(self, origin: &str) -> Vec<&str> {
        match self {
            Self::SecretTool => vec!["lookup", "service", SERVICE, "account", origin],
            Self::Security => vec!["find-generic-password", "-s", SERVICE, "-a", origin, "-w"],
        }
    }
}

/// What `secret-tool` complains about, as far as that is known. It only ever ends with 1, so it is told by its words.
fn spoken_of(said: &Said) -> Option<KeyringError> {
    let words = Zeroizing::new(String::from_utf8_lossy(&said.err).to_lowercase());
    let has = |any: &[&str]| any.iter().any(|part| words.contains(*part));
    // The bus has its name in the errors of those that are on it, too.
    if has(&["locked", "dismissed", "denied", "cancel"]) {
        Some(KeyringError::Locked)
    } else if has(&["timeout", "timed out"]) {
        Some(KeyringError::Silent)
    } else if has(&["d-bus", "dbus", "message bus", "connect", "org.freedesktop.secrets"]) {
        Some(KeyringError::NoService)
    } else {
        None
    }
}

/// The line that has `security` keep a key. It takes its lines apart at white space and reads what follows a backslash as it is.
fn order_to_add(origin: &str, key: &ApiKey) -> Zeroizing<String> {
    let mut order = Zeroizing::new(String::with_capacity(2 * LONGEST_LINE));
    for part in ["add-generic-password -U -s ", SERVICE, " -a "] {
        order.push_str(part);
    }
    let put = |order: &mut String, word: &str| {
        for c in word.chars() {
            if !c.is_ascii_alphanumeric() {
                order.push('\\');
            }
            order.push(c);
        }
    };
    put(&mut order, origin);
    order.push_str(" -w ");
    put(&mut order, key.secret());
    order.push('\n');
    order
}

/// The key that was printed, perhaps with a line break behind it.
fn key_of(printed: &[u8]) -> Result<ApiKey, KeyringError> {
    let refuse = |why: InvalidKey| KeyringError::NotAKey(why.to_string());
    let text = std::str::from_utf8(printed).map_err(|_| refuse(InvalidKey::BadCharacter))?;
    ApiKey::new(text.strip_suffix('\n').unwrap_or(text)).map_err(refuse)
}

#[cfg(unix)]
fn can_run(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn can_run(path: &Path) -> bool {
    path.is_file()
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
