//! The ledger: a database of its own in which a row stands before a paid request leaves.
//!
//! [`schema`] makes the file, [`spends`] writes rows, [`account`] keeps what is known of limits and balance, [`receipts`]
//! reads rows for people, [`open`] finds the ones whose outcome is not known, [`fits`] keeps what clips were measured to be,
//! [`owner`] says which program holds a row.

mod account;
mod fits;
mod open;
mod owner;
mod paths;
mod receipts;
mod schema;
mod spends;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, TransactionBehavior};

use owner::Owner;

pub(in crate::spend) use account::{Departure, FreePlace, OutOfCredits};
pub(in crate::spend) use open::{OpenRows, SentRow};
pub use receipts::{Receipt, SpendState};
pub(in crate::spend) use spends::{Begun, Budgets, Delivered, NewSpend, SpendId};

/// Why the ledger cannot be used; every paid request is refused then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing paid is sent, since the spending ledger cannot be used: {reason} ({path}); searching what was seen before goes on")]
pub struct LedgerError {
    /// The file.
    pub path: String,
    /// What is wrong with it.
    pub reason: String,
}

/// The ledger database, for one API origin and one key. Cheap to clone; its calls wait for the disk on a thread of their own.
#[derive(Clone)]
pub struct Ledger {
    book: Arc<Book>,
}

struct Book {
    // What is wrong with the file, if it cannot be used: then every call says so.
    store: Result<Store, String>,
    path: PathBuf,
    origin: String,
    key: String,
}

struct Store {
    db: Mutex<Connection>,
    owner: Owner,
}

/// A row's columns, and whose they are.
struct Page<'a> {
    db: &'a Connection,
    origin: &'a str,
    key: &'a str,
    owner: &'a Owner,
}

impl Ledger {
    /// Opens or makes the ledger at `path`, for one API origin and one key. Waits for the disk.
    ///
    /// # Errors
    /// [`LedgerError`] when the file is damaged, somebody else's, made by a newer version, or cannot be written. It is left as it is.
    pub fn open(path: &Path, origin: &str, key_fingerprint: &str) -> Result<Self, LedgerError> {
        let (ledger, problem) = Self::open_or_refuse(path, origin, key_fingerprint);
        problem.map_or(Ok(ledger), Err)
    }

    /// Opens or makes the ledger as [`Ledger::open`] does. One that cannot be used comes back with what is wrong: each of
    /// its calls fails with that, so nothing paid is sent, while everything that costs nothing goes on.
    pub fn open_or_refuse(path: &Path, origin: &str, key_fingerprint: &str) -> (Self, Option<LedgerError>) {
        let book = Book {
            store: Store::open(path),
            path: path.to_owned(),
            origin: origin.to_owned(),
            key: key_fingerprint.to_owned(),
        };
        let ledger = Self { book: Arc::new(book) };
        let problem = ledger.problem();
        (ledger, problem)
    }

    /// Why it cannot be used, if it cannot.
    pub fn problem(&self) -> Option<LedgerError> {
        self.book.store.as_ref().err().map(|reason| self.book.error(reason))
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.book.path
    }

    /// Runs `work` in one transaction, on a thread that may wait for the disk. It ends even if nobody waits for it.
    async fn write<T, F>(&self, work: F) -> Result<T, LedgerError>
    where
        T: Send + 'static,
        F: FnOnce(&Page<'_>) -> rusqlite::Result<T> + Send + 'static,
    {
        let book = Arc::clone(&self.book);
        let done = tokio::task::spawn_blocking(move || {
            let store = book.store.as_ref().map_err(|reason| book.error(reason))?;
            // A file that was taken away would swallow what is written, and the next start would know nothing of it.
            if !book.path.exists() {
                return Err(book.error("it was removed while in use; start again"));
            }
            let mut db = store.db.lock().unwrap_or_else(PoisonError::into_inner);
            let result = db.transaction_with_behavior(TransactionBehavior::Immediate).and_then(|write| {
                let value = work(&Page {
                    db: &write,
                    origin: &book.origin,
                    key: &book.key,
                    owner: &store.owner,
                })?;
                write.commit()?;
                Ok(value)
            });
            result.map_err(|error| book.error(&schema::words(&error)))
        });
        done.await.unwrap_or_else(|_| Err(self.book.error("the program is ending")))
    }
}

impl Store {
    fn open(path: &Path) -> Result<Self, String> {
        let db = schema::open(path)?;
        let mut locks = path.as_os_str().to_owned();
        locks.push(".owners");
        let owner = Owner::new(PathBuf::from(locks)).map_err(|error| format!("its lock file cannot be kept: {error}"))?;
        Ok(Self { db: Mutex::new(db), owner })
    }
}

impl Book {
    fn error(&self, reason: &str) -> LedgerError {
        LedgerError {
            path: self.path.display().to_string(),
            reason: reason.to_owned(),
        }
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger").field("path", &self.book.path).finish_non_exhaustive()
    }
}
