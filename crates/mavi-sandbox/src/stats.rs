//! What the sandbox counted since it started. Numbers only; nothing is decided here.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::call::Endpoint;

/// One number for each endpoint.
#[derive(Serialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerEndpoint {
    /// `POST /upload/signed-url`.
    pub sign: u64,
    /// `POST` to a signed URL.
    pub send: u64,
    /// `GET /{asset_id}/metadata`.
    pub status: u64,
    /// `POST /upload`.
    pub direct: u64,
    /// `DELETE /{asset_id}`.
    pub delete: u64,
    /// `GET /{asset_id}/download`.
    pub download: u64,
}

impl PerEndpoint {
    /// The sum over all endpoints.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.sign + self.send + self.status + self.direct + self.delete + self.download
    }

    pub(crate) fn of(&mut self, endpoint: Endpoint) -> &mut u64 {
        match endpoint {
            Endpoint::Sign => &mut self.sign,
            Endpoint::Send => &mut self.send,
            Endpoint::Status => &mut self.status,
            Endpoint::Direct => &mut self.direct,
            Endpoint::Delete => &mut self.delete,
            Endpoint::Download => &mut self.download,
        }
    }
}

/// What the sandbox counted since it started.
#[derive(Serialize, Clone, Debug, Default)]
pub struct Stats {
    /// Calls that arrived, refused ones included.
    pub calls: PerEndpoint,
    /// Calls that came too early and were refused. Downloads have no limit.
    pub violations: PerEndpoint,
    /// Answers with an HTTP status other than 2xx, those for violations included.
    pub refused: PerEndpoint,
    /// Calls without the right key, answered 401; they are not counted by the limiter.
    pub unauthorized: u64,
    /// Storage requests that carried Authorization, Cookie or Referer.
    pub leaked_headers: u64,
    /// Asset ids handed out, by sign and by direct.
    pub assets: u64,
    /// Uploads whose body is being read now.
    pub open_uploads: u64,
    /// The most uploads that were open at once.
    pub most_open_uploads: u64,
    /// Uploads that broke off before their body's end.
    pub broken_uploads: u64,
    /// Bytes of upload bodies, multipart framing and broken or refused ones included.
    pub bytes_received: u64,
    /// How often each fault of the script happened, by its rule's name; by `rule: fault` if a rule draws one of
    /// several. Faults that never happened are listed with 0.
    pub faults: BTreeMap<String, u64>,
}

impl Stats {
    /// How often faults happened whose name begins with `rule`; an empty text counts all.
    #[must_use]
    pub fn faults_of(&self, rule: &str) -> u64 {
        let named = self
            .faults
            .iter()
            .filter(|(name, _)| name.starts_with(rule));
        named.map(|(_, times)| times).sum()
    }
}
