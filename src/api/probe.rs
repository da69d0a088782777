//! One *status* call, with what lies around its answer: for finding out what is wrong.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::Response;
use reqwest::header::DATE;

use super::fault::Fault;
use super::service::StatusAnswer;

/// What a call came to.
#[derive(Debug, Clone)]
pub struct Probe {
    /// The time of the service's `Date` header.
    pub date: Option<Timestamp>,
    /// The HTTP status; `None` when there was no answer.
    pub status: Option<u16>,
    /// What the answer means.
    pub answer: Result<StatusAnswer, Fault>,
}

/// The time of an answer's `Date` header.
pub(super) fn date(response: &Response) -> Option<Timestamp> {
    let text = response.headers().get(DATE)?.to_str().ok()?;
    DateTimeParser::new().parse_timestamp(text).ok()
}
