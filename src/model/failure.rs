//! Why a row ends as failed, in a word for programs and a text for people.
//!
//! A row's failure is data: it goes into the report and the run goes on. What stops a run is
//! `shutdown`'s.

use std::fmt;
use std::io::{self, ErrorKind};

/// Why one row ends as `failed`; `code` is stable and meant for programs, `text` for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFailure {
    /// The stable word for it; the report's `error_code`.
    pub code: ErrorCode,
    /// What happened and what to do; the report's `error`. Never holds a secret or a control byte.
    pub text: String,
}

impl RowFailure {
    /// A failure with its words.
    pub fn new(code: ErrorCode, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
        }
    }

    /// What an error of the file system means for the row it met.
    pub(crate) fn from_io(error: &io::Error) -> Self {
        if is_link_loop(error) {
            let text = "too many symbolic links on the way to it: they form a loop";
            return Self::new(ErrorCode::NameTooLong, text);
        }
        if is_shortage(error) {
            let text = "too many open files: raise the limit (ulimit -n)";
            return Self::new(ErrorCode::NoDescriptors, text);
        }
        match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => {
                Self::new(ErrorCode::NotFound, "no such file")
            }
            ErrorKind::PermissionDenied => {
                let text = "permission denied: make it, and the folders above it, readable";
                Self::new(ErrorCode::Permission, text)
            }
            ErrorKind::InvalidFilename => {
                let text = "the path is longer than the system can open: shorten it";
                Self::new(ErrorCode::NameTooLong, text)
            }
            _ => Self::new(ErrorCode::Io, format!("the system says: {error}")),
        }
    }
}

impl fmt::Display for RowFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.text)
    }
}

/// Whether the process (EMFILE) or the system (ENFILE) had no open file left.
pub(crate) fn is_shortage(error: &io::Error) -> bool {
    let codes: &[i32] = if cfg!(unix) { &[23, 24] } else { &[4] };
    error
        .raw_os_error()
        .is_some_and(|code| codes.contains(&code))
}

/// By number, because `ErrorKind::FilesystemLoop` is not stable.
fn is_link_loop(error: &io::Error) -> bool {
    let eloop = if cfg!(any(target_os = "linux", target_os = "android")) {
        40
    } else {
        62
    };
    cfg!(unix) && error.raw_os_error() == Some(eloop)
}

macro_rules! error_codes {
    ($($(#[$doc:meta])+ $name:ident = $word:literal,)+) => {
        /// The report's `error_code`: why a row failed, or what to know about it.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $($(#[$doc])+ $name,)+
            /// The service's own error code that this program has no word for (`api_<code>`).
            Api(String),
            /// Storage refused the file with this HTTP status (`storage_<status>`).
            Storage(u16),
        }

        impl ErrorCode {
            /// The word in the report.
            #[must_use]
            pub fn word(&self) -> std::borrow::Cow<'static, str> {
                match self {
                    $(Self::$name => $word.into(),)+
                    Self::Api(code) => format!("api_{code}").into(),
                    Self::Storage(status) => format!("storage_{status}").into(),
                }
            }
        }
    };
}

error_codes! {
    /// The file is not there.
    NotFound = "not_found",
    /// The file or its folder may not be read.
    Permission = "permission",
    /// A directory, FIFO, socket or device.
    NotRegular = "not_regular",
    /// No bytes in it.
    Empty = "empty",
    /// Larger than the service takes.
    TooLarge = "too_large",
    /// Not a format the service lists.
    UnsupportedType = "unsupported_type",
    /// A path longer than the system can open.
    NameTooLong = "name_too_long",
    /// A URL where a path belongs.
    NotLocal = "not_local",
    /// A manifest row that could not be understood and was skipped on request.
    Manifest = "manifest",
    /// The same path stands on an earlier row; this row shares its asset.
    DuplicateRow = "duplicate_row",
    /// Another file has the same bytes; this row shares its asset.
    DuplicateContent = "duplicate_content",
    /// The bytes do not hash to what the manifest says.
    Sha256Mismatch = "sha256_mismatch",
    /// The file changed while it was read.
    Changed = "changed",
    /// The disk failed under the file.
    Io = "io",
    /// The system had no more open files. A run waits for that and fails no row for it.
    NoDescriptors = "no_descriptors",
    /// The disk returned no byte for a minute.
    ReadStall = "read_stall",
    /// The service refused the request.
    BadRequest = "bad_request",
    /// The service does not take this kind of media.
    UnsupportedMedia = "unsupported_media",
    /// The service called the request a duplicate.
    Conflict = "conflict",
    /// The service kept failing.
    ServerError = "server_error",
    /// The service could not be reached, or the connection kept breaking.
    Network = "network",
    /// The answer was not what the service's documentation promises.
    Protocol = "protocol",
    /// A redirect where none belongs.
    Redirect = "redirect",
    /// The signed URL kept expiring.
    UrlExpired = "url_expired",
    /// The signed URL points to where no file may be sent.
    InsecureUrl = "insecure_url",
    /// Storage refused the signed URL.
    StorageDenied = "storage_denied",
    /// The stored size differs from the file's.
    SizeMismatch = "size_mismatch",
    /// The service called the asset FAILED.
    ServiceFailed = "service_failed",
    /// What became of the upload could not be learnt.
    OutcomeUnknown = "outcome_unknown",
    /// A defect of this program.
    Internal = "internal",
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.word())
    }
}

/// What to do about a cause, where its own words do not say so.
#[must_use]
pub fn advice(code: &str) -> Option<&'static str> {
    Some(match code {
        "network" | "server_error" => "the same command tries these again",
        "outcome_unknown" => "the same command asks the service again",
        "conflict" | "protocol" => {
            "the same command tries these again; if they stay, tell the service"
        }
        "service_failed" => "see whether the file plays, then run the same command again",
        "not_found" => "fix the paths in the input, or bring the files back",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
