//! An HTTP answer that was read already, and what it says in words, waits and places.
//!
//! Pure. What it means for a call is for `envelope` (the API's answers) and `storage` to say.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::Url;

use super::json;
use crate::text::{plain, without_queries};

/// The longest wait that the service can ask for.
const RETRY_AFTER_CAP: Duration = Duration::from_secs(300);

/// What stands in the place of the key.
const NOT_QUOTED: &str = "(the key)";

/// An HTTP answer, as far as its meaning depends on it.
#[derive(Debug, Clone, Default)]
pub(crate) struct HttpAnswer {
    /// The HTTP status.
    pub status: u16,
    /// `Content-Type`, as it came.
    pub content_type: Option<String>,
    /// `Retry-After`, as it came.
    pub retry_after: Option<String>,
    /// `Location`, as it came.
    pub location: Option<String>,
    /// The body, or as much of it as is read of an answer.
    pub body: Bytes,
}

impl HttpAnswer {
    /// The same answer with `secret` taken out of every text that may be quoted.
    pub(super) fn without(mut self, secret: &str) -> Self {
        for text in [&mut self.content_type, &mut self.location]
            .into_iter()
            .flatten()
        {
            *text = text.replace(secret, NOT_QUOTED);
        }
        let body = String::from_utf8_lossy(&self.body);
        if body.contains(secret) {
            self.body = Bytes::from(body.replace(secret, NOT_QUOTED));
        }
        self
    }

    /// What the service says for people, fit to be shown; never its markup, never raw JSON.
    pub(super) fn words(&self) -> String {
        let words = match json::parse(&self.body) {
            Ok(value) => ["msg", "message", "error"]
                .iter()
                .find_map(|key| json::text(&value[*key]).map(str::to_owned))
                .unwrap_or_default(),
            Err(_) => self.body_words(),
        };
        if words.is_empty() {
            return format!("HTTP status {} without words", self.status);
        }
        plain(&without_queries(&words))
    }

    fn body_words(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let text = text.trim();
        match text.as_bytes().first() {
            None => String::new(),
            Some(b'<') => tagged(text).unwrap_or_else(|| "a page of markup".to_owned()),
            Some(b'{' | b'[') => "JSON that cannot be read".to_owned(),
            Some(_) => text.to_owned(),
        }
    }

    /// How long `Retry-After` asks to wait, capped; nothing when it cannot be understood.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        retry_after(self.retry_after.as_deref()?, Timestamp::now())
    }

    /// The host that `Location` points to; its path and query are left out.
    pub(super) fn redirect_host(&self) -> String {
        let Some(location) = self.location.as_deref() else {
            return "nowhere".to_owned();
        };
        match Url::parse(location) {
            Ok(url) => plain(url.host_str().unwrap_or("nowhere")),
            Err(_) => elsewhere(location).map_or_else(|| "itself".to_owned(), |host| plain(&host)),
        }
    }
}

/// The host of a `//host/path` reference; none for a path.
fn elsewhere(location: &str) -> Option<String> {
    let url = Url::parse(&format!("https:{location}")).ok()?;
    location
        .starts_with("//")
        .then(|| url.host_str().map(str::to_owned))
        .flatten()
}

/// The parts of an XML error that are meant for people; the rest may quote the signature.
fn tagged(markup: &str) -> Option<String> {
    let part = |name: &str| {
        let from = markup.find(&format!("<{name}>"))? + name.len() + 2;
        let length = markup[from..].find("</")?;
        Some(markup[from..from + length].trim())
    };
    match (part("Code"), part("Message")) {
        (Some(code), Some(message)) => Some(format!("{code}: {message}")),
        (one, other) => one.or(other).map(str::to_owned),
    }
}

/// Seconds, or an HTTP date (RFC 9110, section 10.2.3).
fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are more seconds than the cap.
        return Some(
            text.parse()
                .map_or(RETRY_AFTER_CAP, Duration::from_secs)
                .min(RETRY_AFTER_CAP),
        );
    }
    let date = DateTimeParser::new().parse_timestamp(text).ok()?;
    let wait = Duration::try_from(date.duration_since(now)).unwrap_or(Duration::ZERO);
    Some(wait.min(RETRY_AFTER_CAP))
}

#[cfg(test)]
mod tests;
