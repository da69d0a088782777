//! The account's limits: the calls that are counted, and how many of each a second.
//!
//! Numbers alone; `rate_limit` keeps calls within them.

/// The calls of the service, as the limits count them: each has a budget of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// `POST /upload/signed-url`
    Sign,
    /// `POST <signed_url>`
    Send,
    /// `GET /{asset_id}/metadata`
    Status,
    /// `POST /upload`
    Direct,
    /// `DELETE /{asset_id}`
    Delete,
    /// `GET /{asset_id}/download`
    Download,
}

impl Endpoint {
    /// The word for it in events and messages.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Sign => "sign",
            Self::Send => "send",
            Self::Status => "status",
            Self::Direct => "direct",
            Self::Delete => "delete",
            Self::Download => "download",
        }
    }
}

/// Calls a second for each endpoint; 0 means no limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// *sign* calls, and *delete* calls for themselves.
    pub sign: f64,
    /// Starts of uploads: those to storage, and direct ones for themselves.
    pub upload: f64,
    /// *status* calls, and *download* calls for themselves, whose limit is not documented.
    pub poll: f64,
}

impl Default for Rates {
    /// The documented limits of an account.
    fn default() -> Self {
        Self {
            sign: 1.0,
            upload: 1.0,
            poll: 1.0,
        }
    }
}
