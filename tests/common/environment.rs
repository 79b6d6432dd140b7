//! What a program under test keeps of the environment of the tests.

use std::ffi::OsString;

/// What a program needs of this process's environment: where other programs and temporary files are, and what Windows and a report of
/// coverage cannot do without. Anything else could change what it does: a key, a proxy, colours, a language.
const NEEDED: [&str; 7] = [
    "PATH",
    "LD_LIBRARY_PATH",
    "TMPDIR",
    "TEMP",
    "TMP",
    "SystemRoot",
    "LLVM_PROFILE_FILE",
];

/// The variables of this process that a program under test keeps.
pub fn needed_environment() -> impl Iterator<Item = (&'static str, OsString)> {
    NEEDED.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)))
}
