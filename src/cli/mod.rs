//! The command line: one file per subcommand.

/// Consent to a paid request, given on the command line. Only the parser's neighbours make one.
#[derive(Debug)]
pub struct Consent {
    _private: (),
}
