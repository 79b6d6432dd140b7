//! What delivered clips turned out to be, beside what was asked for and expected. A receipt shows it.

use super::{Ledger, LedgerError};
use crate::clip::Fit;

/// Beside the spends, and not one of their columns: a file of any version may lack it, and nothing depends on it.
pub(super) const TABLE: &str = "
CREATE TABLE IF NOT EXISTS fits (
    sha256 TEXT PRIMARY KEY,     -- of the body as it came
    fit TEXT NOT NULL            -- JSON
);
";

impl Ledger {
    /// Keeps what the clip with this SHA-256 turned out to be.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn keep_fit(&self, sha256: String, fit: Fit) -> Result<(), LedgerError> {
        let json = serde_json::to_string(&fit).unwrap_or_default();
        self.write(move |page| {
            page.db
                .execute("INSERT OR REPLACE INTO fits (sha256, fit) VALUES (?1, ?2)", (&sha256, &json))
                .map(drop)
        })
        .await
    }
}
