//! The table of failures in the docs names a test in every row, and each of them is here.

use std::path::{Path, PathBuf};

const ROWS: usize = 30;

#[test]
fn every_row_of_the_failure_table_names_a_test_that_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/spending.md")).unwrap();
    let rows: Vec<&str> = page
        .lines()
        .skip_while(|line| !line.starts_with("| what happens"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert!(rows.len() >= ROWS, "only {} rows", rows.len());
    for row in rows {
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
