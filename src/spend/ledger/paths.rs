//! File paths in the database: text where they are text, else their bytes, so that the very same file is found again.

use std::path::{Path, PathBuf};

use rusqlite::types::{FromSql, FromSqlResult, Value, ValueRef};

/// A path as the database keeps it.
pub(super) fn value(path: &Path) -> Value {
    match path.to_str() {
        Some(text) => Value::Text(text.to_owned()),
        None => bytes(path),
    }
}

#[cfg(unix)]
fn bytes(path: &Path) -> Value {
    use std::os::unix::ffi::OsStrExt;
    Value::Blob(path.as_os_str().as_bytes().to_vec())
}

#[cfg(not(unix))]
fn bytes(path: &Path) -> Value {
    Value::Text(path.to_string_lossy().into_owned())
}

/// A path as it comes out of the database.
pub(super) struct Kept(pub PathBuf);

impl FromSql for Kept {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            #[cfg(unix)]
            ValueRef::Blob(bytes) => {
                use std::os::unix::ffi::OsStrExt;
                Ok(Self(PathBuf::from(std::ffi::OsStr::from_bytes(bytes))))
            }
            other => other.as_str().map(|text| Self(PathBuf::from(text))),
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn every_path_comes_back_as_it_was() {
        use std::os::unix::ffi::OsStrExt;
        let db = rusqlite::Connection::open_in_memory().unwrap();
        for bytes in [&b"/music/a.mp3"[..], b"/m\xfcsic/\xff.mp3", "/Müsik/a.mp3".as_bytes()] {
            let path = Path::new(std::ffi::OsStr::from_bytes(bytes));
            let back: Kept = db.query_row("SELECT ?1", [value(path)], |row| row.get(0)).unwrap();
            assert_eq!(back.0, path);
        }
    }
}
