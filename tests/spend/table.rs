//! The table of failures in the docs has a row for each of them and names a test in every row, and each of the tests is here.

use std::path::{Path, PathBuf};

/// What has to be in the table: words of the row that is about it.
const FAILURES: &[&str] = &[
    "400, 401, 403, 404",
    "| 402 |",
    "| 429 |",
    "5xx with Trackyard's own JSON",
    "5xx of a proxy, HTML or JSON, before or after a charge",
    "reset before the request was read, or after",
    "the server hangs",
    "the answer is lost",
    "an answer that is cut, empty, of wrong types or HTML",
    "that nothing says is Trackyard's",
    "a download is cut short",
    "a download stalls",
    "a download is empty",
    "JSON, HTML or garbage instead of audio",
    "the disk is full",
    "the disk has no room",
    "read-only",
    "the name is taken",
    "name for the file is hostile",
    "killed before the request was sent",
    "killed after it was sent",
    "killed at any byte of the body",
    "two programs ask for the same at once",
    "a second client uses the key",
    "years of history",
    "the server's clock is off",
    "the ledger cannot be read or written",
];

fn rows(page: &str) -> Vec<&str> {
    page.lines()
        .skip_while(|line| !line.starts_with("| what happens"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect()
}

#[test]
fn every_failure_has_its_row() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/spending.md")).unwrap();
    let rows = rows(&page);
    for failure in FAILURES {
        assert!(rows.iter().any(|row| row.contains(failure)), "no row: {failure}");
    }
}

#[test]
fn every_row_of_the_failure_table_names_a_test_that_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/spending.md")).unwrap();
    for row in rows(&page) {
        let shown = row.trim_end_matches('|').rsplit('|').next().unwrap();
        let tests: Vec<&str> = shown.split('`').skip(1).step_by(2).collect();
        assert!(!tests.is_empty(), "no test: {row}");
        for test in tests {
            let (file, name) = test.rsplit_once("::").unwrap_or_else(|| panic!("no file: {row}"));
            let path: PathBuf = root.join(file);
            let source = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let at = source.find(&format!("fn {name}(")).unwrap_or_else(|| panic!("no {name} in {file}"));
            let before = &source[..at];
            let attributes = &before[before.rfind("\n\n").unwrap_or(0)..];
            assert!(
                attributes.contains("test") && !attributes.contains("ignore"),
                "{name} is no test that runs"
            );
        }
    }
}
