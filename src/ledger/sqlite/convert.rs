//! Between the program's values and `SQLite`'s.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::types::{ToSqlOutput, ValueRef};

use crate::model::FileVersion;
use crate::source::Cells;

/// RFC 3339, UTC, to the millisecond.
pub(super) fn time(at: Timestamp) -> String {
    Timestamp::from_millisecond(at.as_millisecond())
        .unwrap_or(at)
        .to_string()
}

/// Text where it is UTF-8, so that any tool shows it; else the raw bytes.
fn text_or_blob(bytes: &[u8]) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(if str::from_utf8(bytes).is_ok() {
        ValueRef::Text(bytes)
    } else {
        ValueRef::Blob(bytes)
    })
}

pub(super) fn cells(cells: &Cells) -> ToSqlOutput<'_> {
    text_or_blob(cells.as_bytes())
}

pub(super) fn path(path: &Path) -> ToSqlOutput<'_> {
    text_or_blob(path.as_os_str().as_encoded_bytes())
}

/// The bytes of a text or blob; empty for anything else.
pub(super) fn bytes(value: ValueRef<'_>) -> Vec<u8> {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.to_vec(),
        _ => Vec::new(),
    }
}

#[cfg(unix)]
pub(super) fn to_path(value: ValueRef<'_>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    std::ffi::OsString::from_vec(bytes(value)).into()
}

#[cfg(not(unix))]
pub(super) fn to_path(value: ValueRef<'_>) -> PathBuf {
    String::from_utf8_lossy(&bytes(value)).into_owned().into()
}

/// `SQLite` counts in signed numbers; sizes here never reach their end.
pub(super) fn signed(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// What a file was like, where both are known.
pub(super) fn version(size: Option<i64>, mtime_ns: Option<i64>) -> Option<FileVersion> {
    let size = unsigned(size?);
    mtime_ns.map(|mtime_ns| FileVersion { size, mtime_ns })
}

pub(super) fn unsigned(size: i64) -> u64 {
    u64::try_from(size).unwrap_or_default()
}
