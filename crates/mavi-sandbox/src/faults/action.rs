//! What a rule does to a call, checked and ready.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;

use crate::connection::Ending;
use crate::fate::Fate;
use crate::faults::units::{Amount, ByteRate, Repeat, Stall};

/// One thing that happens to a call, in the order of its fields.
#[derive(Debug)]
pub(crate) struct Action {
    /// How it is told apart from others of its rule.
    pub(crate) name: String,
    /// How much of the request's body is taken before what follows.
    pub(crate) read: Amount,
    /// Then nothing is read for so long.
    pub(crate) stall: Option<Stall>,
    /// Bytes per second, for the request's body and the answer's.
    pub(crate) slow: Option<ByteRate>,
    /// Whether the service does what was asked.
    pub(crate) done: bool,
    /// What becomes of the asset.
    pub(crate) fate: Option<Fate>,
    /// Then the client waits for so long.
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

/// What the client hears.
#[derive(Debug)]
pub(crate) enum Answer {
    /// What the service says, altered.
    Own(Edits),
    Replaced(Replacement),
    None,
}

/// Changes of the service's own answer. A path is `data.resource.0.file_size`.
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
