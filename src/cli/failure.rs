//! A command that did not do what it should: exit code, message, and whether it was charged.

use std::fmt;
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::api::{self, Charge};
use crate::clip::CutError;
use crate::config::{ConfigError, KeyringError};
use crate::spend::{FailureReason, FreeFailure, SpendFailure};

const OTHER: u8 = 1;
pub(super) const USAGE: u8 = 2;
const REFUSED: u8 = 3;
const OUT_OF_CREDITS: u8 = 4;
const RATE_LIMITED: u8 = 5;
const NETWORK: u8 = 6;
const NOT_FOUND: u8 = 7;
const CHARGED: u8 = 8;

/// Why a command failed.
#[derive(Debug)]
pub(super) struct Failure {
    exit: u8,
    code: &'static str,
    message: String,
    charge: Charge,
    /// The document of this failure was printed already.
    printed: bool,
}

impl Failure {
    fn free(exit: u8, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            exit,
            code,
            message: message.into(),
            charge: Charge::Free,
            printed: false,
        }
    }

    /// Nothing is asked of any server in this session.
    pub(super) fn offline(what: &str) -> Self {
        Self::free(
            NETWORK,
            "offline",
            format!("--offline: {what}, and no server is asked; nothing was spent"),
        )
    }

    /// A batch that ^C or the system ended before its end.
    pub(super) fn stopped(rest: usize) -> Self {
        Self::free(OTHER, "interrupted", "interrupted").with_rest(rest)
    }

    /// Whether the user ended it.
    pub(super) fn interrupted(&self) -> bool {
        self.code == "interrupted"
    }

    /// Says how much of a batch is left, and that nothing of it is lost.
    pub(super) fn with_rest(mut self, rest: usize) -> Self {
        self.message = format!(
            "{}; {rest} {} left, and the same command again asks only for them",
            self.message,
            if rest == 1 { "brief is" } else { "briefs are" }
        );
        self
    }

    /// Its one document is on standard output already, or there is nothing more to say.
    pub(super) fn already_printed(mut self) -> Self {
        self.printed = true;
        self
    }

    /// Whether everything about it was said.
    pub(super) fn printed(&self) -> bool {
        self.printed
    }

    /// Some line of `--plain` went wrong; each was told where it stood.
    pub(super) fn of_lines(unsure: bool) -> Self {
        let exit = if unsure { CHARGED } else { OTHER };
        Self::free(exit, "failed", "not every line did what it should").already_printed()
    }

    /// The command line asks for something that cannot be.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self::free(USAGE, "usage", message)
    }

    /// There is no key.
    pub(super) fn no_key(message: impl Into<String>) -> Self {
        Self::free(REFUSED, "no_key", message)
    }

    /// Anything that has no code of its own.
    pub(super) fn other(message: impl Into<String>) -> Self {
        Self::free(OTHER, "failed", message)
    }

    /// The server or the network does not give what it should.
    pub(super) fn unreachable(message: impl Into<String>) -> Self {
        Self::free(NETWORK, "unreachable", message)
    }

    /// Something that was asked for is not there.
    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::free(NOT_FOUND, "not_found", message)
    }

    pub(super) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.exit)
    }

    /// Prints the one JSON document of a failure.
    pub(super) fn print_json(&self) -> ExitCode {
        super::print_json(&json!({"error": self.document()}));
        self.exit_code()
    }

    /// What failed, for programs.
    pub(super) fn document(&self) -> Value {
        let charged = match self.charge {
            Charge::Free => Some(false),
            Charge::Charged => Some(true),
            Charge::Unknown => None,
        };
        json!({"code": self.code, "message": self.message, "charged": charged})
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<api::Invalid> for Failure {
    fn from(invalid: api::Invalid) -> Self {
        Self::usage(invalid.0)
    }
}

impl From<CutError> for Failure {
    fn from(error: CutError) -> Self {
        match error {
            CutError::Order(text) => Self::usage(text),
            CutError::Source { .. } => Self::other(error.to_string()),
            CutError::Output { .. } => Self::free(OTHER, "target", error.to_string()),
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        match error {
            ConfigError::Setting(text) => Self::free(USAGE, "configuration", text),
            ConfigError::Key(text) => Self::free(REFUSED, "bad_key", text),
        }
    }
}

impl From<KeyringError> for Failure {
    fn from(error: KeyringError) -> Self {
        let code = match error {
            KeyringError::NotAKey(_) => "bad_key",
            _ => "keyring",
        };
        Self::free(REFUSED, code, error.to_string())
    }
}

/// A free call that failed. It cannot have been charged, whatever happened.
impl From<FreeFailure> for Failure {
    fn from(failure: FreeFailure) -> Self {
        let (exit, code) = match &failure {
            FreeFailure::Api(error) => codes(error),
            FreeFailure::HeldBack(_) => (RATE_LIMITED, "rate_limited"),
        };
        Self::free(exit, code, failure.to_string())
    }
}

impl From<SpendFailure> for Failure {
    fn from(failure: SpendFailure) -> Self {
        let (exit, code) = match (&failure.charge, &failure.reason) {
            (Charge::Charged, FailureReason::Api(_)) => (CHARGED, "unreadable"),
            (Charge::Charged, _) => (CHARGED, "incomplete"),
            (Charge::Unknown, _) => (CHARGED, "unknown"),
            (Charge::Free, FailureReason::Api(error)) => codes(error),
            (Charge::Free, FailureReason::Budget(_)) => (OUT_OF_CREDITS, "budget"),
            (Charge::Free, FailureReason::OutOfCredits) => (OUT_OF_CREDITS, "out_of_credits"),
            (Charge::Free, FailureReason::MaxWait { .. }) => (RATE_LIMITED, "rate_limited"),
            (Charge::Free, FailureReason::Cancelled) => (OTHER, "cancelled"),
            (Charge::Free, FailureReason::Target(_)) => (OTHER, "target"),
            (Charge::Free, FailureReason::Ledger(_)) => (OTHER, "ledger"),
            (Charge::Free, FailureReason::NotStored) => (OTHER, "not_stored"),
            (Charge::Free, _) => (OTHER, "failed"),
        };
        Self {
            exit,
            code,
            message: failure.to_string(),
            charge: failure.charge,
            printed: false,
        }
    }
}

/// Exit code and word of an error that cost nothing.
fn codes(error: &api::Error) -> (u8, &'static str) {
    match error {
        api::Error::NotSent(_) => (NETWORK, "unreachable"),
        api::Error::Lost(_) => (NETWORK, "no_answer"),
        api::Error::Unreadable { .. } => (NETWORK, "unreadable"),
        api::Error::Refused(problem) => match problem.status {
            400 => (OTHER, "bad_request"),
            401 => (REFUSED, "unauthorized"),
            402 => (OUT_OF_CREDITS, "out_of_credits"),
            403 => (REFUSED, "forbidden"),
            404 if problem.from_trackyard => (NOT_FOUND, "not_found"),
            429 => (RATE_LIMITED, "rate_limited"),
            300..=399 | 404 | 500.. => (NETWORK, "server"),
            _ => (OTHER, "refused"),
        },
    }
}
