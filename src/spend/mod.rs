//! The only door to a paid request.
//!
//! An explicit act of the user ([`acts`]) makes a [`Permit`]; the [`Door`] takes the permit, writes the ledger row, and only
//! then makes the [`Authorised`] without which the API client has no paid call.

pub mod acts;
mod authorised;
mod confirmation;
mod door;
mod download;
mod failure;
mod flight;
mod free;
mod identity;
mod ledger;
mod pacing;
mod permit;
mod reconcile;

pub use authorised::Authorised;
pub use confirmation::{Button, Confirmation, Confirmed, Press};
pub use door::{Door, OnSearch, Progress, Rules};
pub use download::{Bought, Target, file_name};
pub use failure::{FailureReason, SpendFailure};
pub use free::FreeFailure;
pub use identity::Identity;
pub use ledger::{Ledger, LedgerError, Receipt, SpendState};
pub use permit::Permit;
pub use reconcile::Settled;
