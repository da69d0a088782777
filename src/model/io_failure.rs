//! What an error of the file system means for the row it met, in words for the report.
//!
//! Is given the error and touches no file.

use std::io::{self, ErrorKind};

use super::{ErrorCode, RowFailure};

/// The refusal that an error while looking at a file amounts to.
#[must_use]
pub(crate) fn refuse(error: &io::Error) -> RowFailure {
    if is_link_loop(error) {
        let text = "too many symbolic links on the way to it: they form a loop";
        return RowFailure::new(ErrorCode::NameTooLong, text);
    }
    if is_shortage(error) {
        let text = "too many open files: raise the limit (ulimit -n)";
        return RowFailure::new(ErrorCode::NoDescriptors, text);
    }
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => {
            RowFailure::new(ErrorCode::NotFound, "no such file")
        }
        ErrorKind::PermissionDenied => {
            let text = "permission denied: make it, and the folders above it, readable";
            RowFailure::new(ErrorCode::Permission, text)
        }
        ErrorKind::InvalidFilename => {
            let text = "the path is longer than the system can open: shorten it";
            RowFailure::new(ErrorCode::NameTooLong, text)
        }
        _ => RowFailure::new(ErrorCode::Io, format!("the system says: {error}")),
    }
}

/// Whether the process (EMFILE) or the system (ENFILE) had no open file left to give.
#[must_use]
pub(crate) fn is_shortage(error: &io::Error) -> bool {
    let codes: &[i32] = if cfg!(unix) { &[23, 24] } else { &[4] };
    error
        .raw_os_error()
        .is_some_and(|code| codes.contains(&code))
}

/// Numbers, because `ErrorKind::FilesystemLoop` is not stable.
fn is_link_loop(error: &io::Error) -> bool {
    let eloop = if cfg!(any(target_os = "linux", target_os = "android")) {
        40
    } else {
        62
    };
    cfg!(unix) && error.raw_os_error() == Some(eloop)
}

#[cfg(test)]
mod tests;
