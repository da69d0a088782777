//! What a rule does to a call, once checked. It does not act; `inject` does.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;

use crate::connection::Ending;
use crate::fate::Fate;
use crate::faults::units::{Amount, ByteRate, Repeat, Stall};

/// One thing that happens to a call, in the order of its fields.
#[derive(Debug)]
pub(crate) struct Action {
    /// Distinguishes it from other actions of its rule.
    pub(crate) name: String,
    /// How much of the request's body is read before what follows.
    pub(crate) read: Amount,
    /// How long nothing is read then.
    pub(crate) stall: Option<Stall>,
    /// Of the request's body and the answer's.
    pub(crate) slow: Option<ByteRate>,
    /// Whether the service does what was asked.
    pub(crate) done: bool,
    pub(crate) fate: Option<Fate>,
    /// How much later the answer comes.
    pub(crate) delay: Option<Stall>,
    pub(crate) answer: Answer,
    /// Where the answer's body breaks off.
    pub(crate) cut: Option<Amount>,
    pub(crate) end: Option<Ending>,
}

impl Action {
    pub(crate) fn repeats_an_answer(&self) -> bool {
        matches!(&self.answer, Answer::Replaced(made)
            if matches!(&made.shape, Shape::Text(text) if text.contains("{previous}")))
    }
}

/// What the client receives.
#[derive(Debug)]
pub(crate) enum Answer {
    /// The service's own answer, altered.
    Own(Edits),
    Replaced(Replacement),
    None,
}

/// Changes of the service's own answer. A path is such as `data.resource.0.file_size`.
#[derive(Debug, Default)]
pub(crate) struct Edits {
    pub(crate) set: BTreeMap<String, Value>,
    pub(crate) null: Vec<String>,
    pub(crate) drop: Vec<String>,
    pub(crate) headers: HeaderMap,
}

impl Edits {
    pub(crate) fn touch_the_body(&self) -> bool {
        !(self.set.is_empty() && self.null.is_empty() && self.drop.is_empty())
    }
}

/// An answer in the service's place.
#[derive(Debug)]
pub(crate) struct Replacement {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) shape: Shape,
    pub(crate) repeat: Repeat,
}

#[derive(Debug)]
pub(crate) enum Shape {
    Envelope {
        code: Value,
        msg: String,
    },
    Spring,
    /// A text with placeholders.
    Text(String),
}
