//! The only door to a paid request.
//!
//! An explicit act of the user ([`acts`]) makes a [`Permit`]; the [`Door`] takes the permit, writes the ledger row, and only
//! then makes the [`Authorised`] without which the API client has no paid call.

pub mod acts;
mod authorised;
mod confirmation;
mod door;
mod identity;
mod ledger;
mod permit;

pub use authorised::Authorised;
pub use confirmation::{Button, Confirmation, Confirmed, Press};
pub use door::{Bought, Door, DownloadFailure, FailureReason, Progress, Rules, SearchFailure, Target, file_name};
pub use identity::Identity;
pub use ledger::{Ledger, LedgerError, Receipt, SpendState};
pub use permit::Permit;
