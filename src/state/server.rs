//! The server we talk to, as the screen names it.

/// The server.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Server {
    /// Host and port.
    pub host: String,
    /// Whether it is Trackyard's own; confirmations name any other.
    pub is_vendor: bool,
    /// Whether it is the embedded sandbox, whose credits are play money.
    pub is_sandbox: bool,
    /// Whether there is a key at all; without one the program opens with a choice.
    pub has_key: bool,
}
