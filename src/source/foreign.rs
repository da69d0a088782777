//! Paths as Windows writes them, on other systems: recognised where no file is named so.
//!
//! Nothing is translated: what a drive's letter stands for here is known to `path_map` alone.

use std::path::Path;

use crate::model::RowFailure;

/// The failure of a row whose path is one of Windows, and no file here.
#[cfg(not(windows))]
pub(super) fn windows_path(written: &[u8], path: &Path) -> Option<RowFailure> {
    use crate::model::ErrorCode;
    // A name may hold a backslash here, or begin with a letter and a colon.
    if !is_of_windows(written) || std::fs::symlink_metadata(path).is_ok() {
        return None;
    }
    let text = r"a Windows path: map it with --root or --path-map D:\videos=/mnt/videos";
    Some(RowFailure::new(ErrorCode::NotFound, text))
}

/// None is foreign where all are of Windows.
#[cfg(windows)]
pub(super) fn windows_path(_written: &[u8], _path: &Path) -> Option<RowFailure> {
    None
}

/// Whether it begins with a drive, or parts its folders by backslashes alone.
pub(super) fn is_of_windows(written: &[u8]) -> bool {
    let written = written.trim_ascii();
    let has_drive =
        matches!(written, [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic());
    has_drive || (written.contains(&b'\\') && !written.contains(&b'/'))
}
