//! What can spend? These lines of the program, and no others.
//!
//! The compiler sees to it that a permit takes an act and a paid call takes a permit. That acts are claimed only where a person acts
//! is what this looks after: whoever adds such a place has to add it here, too.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What makes a right to spend or uses one up, and the files that may.
const PLACES: &[(&str, &[&str])] = &[
    ("Entered::from_key(", &["app/update/query.rs"]),
    ("Permit::by_enter(", &["app/update/query.rs"]),
    ("confirmation.press(", &["app/update/confirm.rs"]),
    ("Permit::again_by_confirmation(", &["app/update/confirm.rs"]),
    ("Permit::page_by_confirmation(", &["app/update/confirm.rs"]),
    ("Permit::each_by_confirmation(", &["app/update/confirm.rs"]),
    ("Permit::download_by_confirmation(", &["app/update/confirm.rs"]),
    ("Consent::given(", &["cli/batch/mod.rs", "cli/download.rs", "cli/search.rs"]),
    (
        "Commanded::from_consent(",
        &["cli/batch/mod.rs", "cli/download.rs", "cli/search.rs"],
    ),
    ("Permit::by_command(", &["cli/batch/mod.rs", "cli/search.rs"]),
    ("Permit::download_by_command(", &["cli/download.rs"]),
    ("Authorised::after_ledger_row(", &["spend/ledger/account.rs"]),
    ("client.search(", &["spend/door/search.rs"]),
    ("client.download(", &["spend/door/download.rs"]),
    ("door.search(", &["tasks/session.rs"]),
    (".download(permit", &["cli/download.rs", "tasks/download.rs"]),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "tests") {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
}

#[test]
fn rights_to_spend_are_made_and_used_in_these_places_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    for (call, allowed) in PLACES {
        let callers: BTreeSet<String> = files
            .iter()
            .filter(|path| {
                let text = std::fs::read_to_string(path).unwrap();
                let program = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
                program
                    .lines()
                    .any(|line| line.contains(call) && !line.trim_start().starts_with("//"))
            })
            .map(|path| path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/"))
            .collect();
        assert_eq!(callers, allowed.iter().map(ToString::to_string).collect(), "{call}");
    }
}
