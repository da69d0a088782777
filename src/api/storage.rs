//! The send: one POST of one file to storage, and what storage's answer means.
//!
//! Storage speaks no envelope but HTTP and, often, XML. A send has no total time limit here: the
//! watchdog drops its future to break it off.

use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use reqwest::Client;
use reqwest::header::CONTENT_TYPE;

use super::address::shown_host;
use super::answer::HttpAnswer;
use super::envelope::{LIMIT_TEXT, meaning};
use super::fault::{Fault, SendFault};
use super::network::{ReadLimits, network_fault, read_answer};
use crate::body::{BodyFault, FileBody};
use crate::crash;
use crate::model::{Endpoint, SignedUrl};

/// More than any answer of storage that is worth reading.
const STORAGE_ANSWER_BYTES: usize = 64 * 1024;

/// Parts of a query shorter than this are words, not secrets, and stay in storage's texts.
const SHORTEST_SECRET: usize = 6;

/// Sends `body` to `url`. `patience` is for the body of the answer, once its head is there.
pub(super) async fn send(
    client: &Client,
    url: &SignedUrl,
    body: FileBody,
    patience: Duration,
) -> Result<(), SendFault> {
    let progress = body.progress().clone();
    let host = shown_host(url.expose());
    let request = client
        .post(url.expose().clone())
        .header(CONTENT_TYPE, body.content_type());
    let (guard, body) = guarded(body);
    let verdict = match request.body(reqwest::Body::wrap(body)).send().await {
        Ok(response) => {
            crash::point("send answered");
            let limits = ReadLimits {
                bytes: STORAGE_ANSWER_BYTES,
                patience,
            };
            // A head that came counts, whatever becomes of the words below it.
            let (answer, _) = read_answer(response, &host, limits).await;
            tracing::debug!(host, status = answer.status, "storage answered");
            verdict(&without_secrets(answer, url), progress.is_complete())
        }
        Err(error) => Err(SendFault::Refused(network_fault(&host, &error))),
    };
    drop(guard);
    if progress.fault().is_some() {
        Err(SendFault::Aborted)
    } else {
        verdict
    }
}

/// What storage's answer means; `complete` says whether the whole body had been sent.
fn verdict(answer: &HttpAnswer, complete: bool) -> Result<(), SendFault> {
    let status = answer.status;
    let body = String::from_utf8_lossy(&answer.body).to_ascii_lowercase();
    let words = || answer.words();
    let slow_down = || Fault::Throttled {
        retry_after: answer.retry_after(),
        ambiguous: false,
    };
    let fault = match status {
        200..=299 => match hidden_fault(answer, &body) {
            Some(fault) => fault,
            None if complete => return Ok(()),
            None => return Err(SendFault::Early),
        },
        300..=399 => Fault::Redirect(answer.redirect_host()),
        400 if body.contains(LIMIT_TEXT) => Fault::Throttled {
            retry_after: answer.retry_after(),
            ambiguous: true,
        },
        400 | 403 if status == 403 || body.contains("expir") => {
            return Err(SendFault::Denied {
                expired: body.contains("expired"),
                text: words(),
            });
        }
        409 | 412 => return Err(SendFault::Exists(words())),
        408 => Fault::Timeout(words()),
        429 => slow_down(),
        503 if body.contains("slowdown") => slow_down(),
        400..=499 => Fault::Rejected(status, words()),
        500..=599 => Fault::Server(status, words()),
        _ => Fault::Protocol(format!("HTTP status {status}")),
    };
    Err(SendFault::Refused(fault))
}

/// The refusal that a 2xx can hide: an XML error, or an envelope whose code is known for an error.
fn hidden_fault(answer: &HttpAnswer, body: &str) -> Option<Fault> {
    if body.contains("<error>") || body.contains("<error ") {
        return Some(Fault::Server(500, answer.words()));
    }
    // Words or codes of storage's own are its way to say yes; only a poll confirms anyway.
    match meaning(Endpoint::Send, answer).err()? {
        Fault::Protocol(_) | Fault::NotJson(_) | Fault::Api(..) => None,
        // The account is judged by the API alone: storage does not know the key.
        Fault::Account(_) => Some(Fault::Rejected(answer.status, answer.words())),
        fault => Some(fault),
    }
}

/// Storage likes to quote what it was asked: takes the query's values out of its words.
fn without_secrets(mut answer: HttpAnswer, url: &SignedUrl) -> HttpAnswer {
    let url = url.expose();
    let raw = url.query().unwrap_or_default();
    let values = url.query_pairs().map(|(_, value)| value.into_owned());
    let raw_values = raw
        .split('&')
        .filter_map(|pair| Some(pair.split_once('=')?.1.to_owned()));
    let mut secrets: Vec<String> = values.chain(raw_values).chain([raw.to_owned()]).collect();
    secrets.retain(|secret| secret.len() >= SHORTEST_SECRET);
    // The longest first: a value may be a part of another.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    let body = secrets
        .iter()
        .fold(body, |body, secret| body.replace(secret.as_str(), "…"));
    answer.body = Bytes::from(body);
    answer
}

/// Ties a body to the returned guard: once that is dropped the body ends in an error.
///
/// An answer that comes before the body is complete ends the call, but the client's connection
/// would go on sending unseen.
pub(super) fn guarded(body: FileBody) -> (Arc<()>, GuardedBody) {
    let guard = Arc::new(());
    let guarded = GuardedBody {
        body,
        guard: Arc::downgrade(&guard),
    };
    (guard, guarded)
}

/// A body that stops when its call is over.
pub(super) struct GuardedBody {
    body: FileBody,
    guard: Weak<()>,
}

impl Body for GuardedBody {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        let guarded = self.get_mut();
        if guarded.guard.strong_count() == 0 {
            let why = "the transfer was broken off".to_owned();
            return Poll::Ready(Some(Err(BodyFault::Io(why))));
        }
        Pin::new(&mut guarded.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests;
