//! The calls of the service, and the facts of one.
//!
//! It does not know how a call arrives; `middleware` does.

/// A call of the service, and the unit of its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// `POST /upload/signed-url`.
    Sign,
    /// `POST` to a signed URL.
    Send,
    /// `GET /{asset_id}/metadata`.
    Status,
    /// `POST /upload`.
    Direct,
    /// `DELETE /{asset_id}`.
    Delete,
    /// `GET /{asset_id}/download`, which has no limit.
    Download,
}

impl Endpoint {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 6] = [
        Self::Sign,
        Self::Send,
        Self::Status,
        Self::Direct,
        Self::Delete,
        Self::Download,
    ];

    /// Whether its body is a file.
    pub(crate) fn is_upload(self) -> bool {
        matches!(self, Self::Send | Self::Direct)
    }
}

/// What is known of a call before it is acted upon.
#[derive(Debug)]
pub(crate) struct CallFacts {
    pub(crate) endpoint: Endpoint,
    /// The call's number among those to its endpoint, from 1.
    pub(crate) ordinal: u64,
    /// The asset id in its path, whether it exists or not.
    pub(crate) asset_id: Option<String>,
    /// The file it is about: as asked for in a sign call, or the named asset's.
    pub(crate) filename: Option<String>,
    /// Whether the asset holds its bytes.
    pub(crate) arrived: bool,
    pub(crate) path: String,
}
