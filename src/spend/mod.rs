//! The only door to a paid request.
//!
//! An explicit act of the user ([`acts`]) makes a [`Permit`]; the [`Door`] takes the permit, writes the ledger row, and only
//! then makes the [`Authorised`] without which the API client has no paid call.
//!
//! | you look for | it is in |
//! |---|---|
//! | what counts as an act | [`acts`], [`Confirmation`] |
//! | joining, retries, waiting, what is charged | [`Door`] |
//! | the database of spends, budgets, owned files | [`Ledger`] |
//! | the minute and the day | `pacing` |
//! | how a bought file gets to its place | `download` |
//! | what became of a request nobody heard of again | `reconcile` |
//! | what became of the bought files, their licence note | `files` |

pub mod acts;
mod authorised;
mod clock;
mod confirmation;
mod door;
mod download;
mod failure;
mod files;
mod identity;
mod ledger;
mod pacing;
mod permit;
mod reconcile;

pub use authorised::Authorised;
pub use clock::{Clock, SystemClock};
pub use confirmation::{ARMED_AFTER_MS, Arming, Button, Confirmation, Confirmed, Press};
pub use door::{Bought, Door, FreeFailure, IsKept, OnSearch, Progress, Rules, Searched};
pub use download::{Target, file_name};
pub(crate) use download::{put as put_file, waiting_file};

pub use failure::{DownloadFailure, FailureReason, SearchFailure, SpendFailure};
pub use files::{FileState, check_file, write_credits};
pub use identity::{Identity, normalise};
pub use ledger::{Ledger, LedgerError, Receipt, SpendState};
pub use permit::Permit;
pub use reconcile::Settled;
