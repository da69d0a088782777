//! What can go wrong, in two sizes: one row's end and the whole run's end.
//!
//! A row's error is data (it goes into the report and the run goes on); a run's error stops it.

use std::fmt;

/// Why one row ends as `failed`; `code` is stable and meant for programs, `text` for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFailure {
    /// The stable word for it; the report's `error_code`.
    pub code: ErrorCode,
    /// What happened and what to do; the report's `error`. Never holds a secret or a control byte.
    pub text: String,
}

impl RowFailure {
    /// A refusal with its words.
    pub fn new(code: ErrorCode, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
        }
    }
}

impl fmt::Display for RowFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.text)
    }
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
    /// The system had no more open files to give. A run waits for that and fails no row for it.
    NoDescriptors = "no_descriptors",
    /// The disk gave no byte for a minute.
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
