//! The ledger: a database of its own in which a row stands before a paid request leaves.
//!
//! [`schema`] makes the file, [`spends`] writes rows, [`account`] keeps what is known of limits and balance, [`receipts`]
//! reads rows for people, [`open`] finds the ones whose outcome is not known, [`owner`] says which program holds a row.

mod account;
mod open;
mod owner;
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
#[error("the spending ledger {path} cannot be used ({reason}), so nothing paid is sent; searching what was seen before goes on")]
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
    db: Mutex<Connection>,
    path: PathBuf,
    origin: String,
    key: String,
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
        let wrong = |reason: String| LedgerError {
            path: path.display().to_string(),
            reason,
        };
        let db = schema::open(path).map_err(wrong)?;
        let mut locks = path.as_os_str().to_owned();
        locks.push(".owners");
        let owner = Owner::new(PathBuf::from(locks)).map_err(|error| wrong(format!("its lock file cannot be kept: {error}")))?;
        Ok(Self {
            book: Arc::new(Book {
                db: Mutex::new(db),
                path: path.to_owned(),
                origin: origin.to_owned(),
                key: key_fingerprint.to_owned(),
                owner,
            }),
        })
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
            // A file that was taken away would swallow what is written, and the next start would know nothing of it.
            if !book.path.exists() {
                return Err(book.error("it was removed while in use; start again"));
            }
            let mut db = book.db.lock().unwrap_or_else(PoisonError::into_inner);
            let result = db.transaction_with_behavior(TransactionBehavior::Immediate).and_then(|write| {
                let value = work(&Page {
                    db: &write,
                    origin: &book.origin,
                    key: &book.key,
                    owner: &book.owner,
                })?;
                write.commit()?;
                Ok(value)
            });
            result.map_err(|error| book.error(&schema::words(&error)))
        });
        done.await.unwrap_or_else(|_| Err(self.book.error("the program is ending")))
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
