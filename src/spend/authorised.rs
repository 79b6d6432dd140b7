//! The proof that a paid request may leave.

/// Proof that a permit was taken and that the ledger row of this request is on disk.
///
/// Only this module's neighbours can make one, so nothing outside [`spend`](crate::spend) can send a paid request:
///
/// ```compile_fail,E0451
/// let forged = trackyard_tui::spend::Authorised { _private: () };
/// ```
#[derive(Debug)]
pub struct Authorised {
    _private: (),
}

impl Authorised {
    pub(in crate::spend) fn after_ledger_row() -> Self {
        Self { _private: () }
    }

    /// For the API client's own tests, which have no ledger.
    #[cfg(test)]
    pub(crate) fn for_tests() -> Self {
        Self { _private: () }
    }
}
