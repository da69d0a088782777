//! What an answer means: the one place that reads HTTP status and envelope `code`.
//!
//! Pure: takes an answer that was read already, returns its `data` or a [`Fault`]. Neither fetches
//! nor retries; storage's answers are for `storage` to read.

use serde_json::{Value, json};

use super::answer::HttpAnswer;
use super::fault::{AccountFault, Fault};
use super::json;
use crate::model::Endpoint;
use crate::text::plain;

/// What the service says when calls come too fast, and also to some requests it finds wrong; in
/// lower case.
pub(super) const LIMIT_TEXT: &str = "request has exceeded the limit.";

/// What the API's answer to a call means: the envelope's `data`, or why there is none.
///
/// A *status* call answered by 404 means an empty list of resources, as `total` 0 does.
pub(crate) fn meaning(endpoint: Endpoint, answer: &HttpAnswer) -> Result<Value, Fault> {
    match judge(answer) {
        Err(Fault::NotFound(_)) if endpoint == Endpoint::Status => {
            Ok(json!({ "total": 0, "resource": [] }))
        }
        meaning => meaning,
    }
}

fn judge(answer: &HttpAnswer) -> Result<Value, Fault> {
    let envelope = Envelope::read(&answer.body);
    let code = envelope
        .as_ref()
        .ok()
        .and_then(|envelope| envelope.code.clone());
    match answer.status {
        200..=299 => {}
        300..=399 => return Err(Fault::Redirect(answer.redirect_host())),
        // These four come with and without a code; where there is one it says more.
        400..=403 => {
            let fault = code.and_then(|code| fault_of_code(&code, answer));
            return Err(fault.unwrap_or_else(|| fault_of_status(answer.status, answer)));
        }
        status => return Err(fault_of_status(status, answer)),
    }
    let envelope = envelope.map_err(|why| not_an_envelope(answer, &why))?;
    match code {
        Some(code) if code.is_success() => envelope.agreed(),
        Some(code) => Err(fault_of_code(&code, answer)
            .unwrap_or_else(|| Fault::Api(plain(&code.word), answer.words()))),
        None => Err(envelope.fault_without_code(answer)),
    }
}

/// The envelope's `code`: as it was written, and as a number where it is one.
#[derive(Debug, Clone)]
struct Code {
    word: String,
    number: Option<u64>,
}

impl Code {
    fn read(value: &Value) -> Option<Self> {
        let word = match value {
            Value::Number(number) => number.to_string(),
            Value::String(text) if !text.trim().is_empty() => text.trim().to_owned(),
            _ => return None,
        };
        Some(Self {
            number: json::whole(value),
            word,
        })
    }

    /// `200`, and `0000` of older answers.
    fn is_success(&self) -> bool {
        matches!(self.number, Some(0 | 200))
    }
}

struct Envelope {
    code: Option<Code>,
    success: Option<bool>,
    failed: Option<bool>,
    spring_status: Option<u64>,
    content: Value,
}

impl Envelope {
    fn read(body: &[u8]) -> Result<Self, String> {
        let mut value = json::parse(body).map_err(|error| error.to_string())?;
        if !value.is_object() {
            return Err("not a JSON object".to_owned());
        }
        Ok(Self {
            code: Code::read(&value["code"]),
            success: json::flag(&value["success"]),
            failed: json::flag(&value["failed"]),
            spring_status: json::whole(&value["status"]),
            content: value["data"].take(),
        })
    }

    /// The data of an envelope whose code says success, unless its flags say the opposite.
    fn agreed(self) -> Result<Value, Fault> {
        if self.success == Some(false) || self.failed == Some(true) {
            return Err(Fault::Protocol(
                "the answer contradicts itself: its code says success, its flags say failure"
                    .to_owned(),
            ));
        }
        Ok(self.content)
    }

    /// Spring's error JSON has no code, but a status; anything else without a code is unknown.
    fn fault_without_code(&self, answer: &HttpAnswer) -> Fault {
        match self
            .spring_status
            .and_then(|status| u16::try_from(status).ok())
        {
            Some(status @ 400..=599) => fault_of_status(status, answer),
            _ => Fault::Protocol("the answer has no code".to_owned()),
        }
    }
}

/// The meaning of the codes that are known to be errors; `None` for all others.
fn fault_of_code(code: &Code, answer: &HttpAnswer) -> Option<Fault> {
    let fault = match code.number? {
        9009 => Fault::Account(AccountFault::NoPermission),
        1 | 3 => fault_of_rejection(
            400,
            format!("{}: {}", plain(&code.word), answer.words()),
            answer,
        ),
        number @ (400..=404 | 408 | 409 | 413 | 415 | 429 | 500..=599) => {
            fault_of_status(u16::try_from(number).ok()?, answer)
        }
        _ => return None,
    };
    Some(fault)
}

/// The meaning of an HTTP status of 400 and above (and of the same number as a code).
fn fault_of_status(status: u16, answer: &HttpAnswer) -> Fault {
    match status {
        401 => Fault::Account(AccountFault::BadKey),
        402 => Fault::Account(AccountFault::OutOfCredits),
        403 => Fault::Account(AccountFault::Disabled),
        404 => Fault::NotFound(answer.words()),
        408 => Fault::Timeout(answer.words()),
        409 => Fault::Conflict(answer.words()),
        415 => Fault::UnsupportedMedia(answer.words()),
        429 => Fault::Throttled {
            retry_after: answer.retry_after(),
            ambiguous: false,
        },
        500..=599 => Fault::Server(status, answer.words()),
        400..=499 => fault_of_rejection(status, answer.words(), answer),
        _ => Fault::Protocol(format!("HTTP status {status}")),
    }
}

fn fault_of_rejection(status: u16, words: String, answer: &HttpAnswer) -> Fault {
    if status == 400 && speaks_of_the_limit(answer) {
        return Fault::Throttled {
            retry_after: answer.retry_after(),
            ambiguous: true,
        };
    }
    Fault::Rejected(status, words)
}

fn speaks_of_the_limit(answer: &HttpAnswer) -> bool {
    let raw = String::from_utf8_lossy(&answer.body).to_ascii_lowercase();
    raw.contains(LIMIT_TEXT) || answer.words().to_ascii_lowercase().contains(LIMIT_TEXT)
}

fn not_an_envelope(answer: &HttpAnswer, why: &str) -> Fault {
    let kind = answer.content_type.as_deref();
    let claims_json = kind.is_some_and(|kind| kind.contains("json"));
    let looks_like_json = matches!(answer.body.trim_ascii_start().first(), Some(b'{' | b'['));
    if claims_json || looks_like_json {
        return Fault::Protocol(format!("the answer is not the JSON it should be: {why}"));
    }
    Fault::NotJson(plain(kind.unwrap_or("no content type")))
}

#[cfg(test)]
mod tests;
