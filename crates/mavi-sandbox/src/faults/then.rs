//! What a rule does to a call, checked and ready.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;

use crate::fate::Fate;
use crate::faults::units::{Amount, ByteRate, Repeat, Stall};
use crate::line::Ending;

/// One thing that happens to a call, in the order of its fields.
#[derive(Debug)]
pub(crate) struct Then {
    /// How it is told apart from others of its rule.
    pub(super) name: String,
    /// How much of the request's body is taken before what follows.
    pub(super) read: Amount,
    /// Then nothing is read for so long.
    pub(super) stall: Option<Stall>,
    /// Bytes per second, for the request's body and the answer's.
    pub(super) slow: Option<ByteRate>,
    /// Whether the service does what was asked.
    pub(super) done: bool,
    /// What becomes of the asset.
    pub(super) fate: Option<Fate>,
    /// Then the client waits for so long.
    pub(super) delay: Option<Stall>,
    pub(super) answer: Answer,
    /// Where the answer's body breaks off.
    pub(super) cut: Option<Amount>,
    pub(super) end: Option<Ending>,
}

impl Then {
    pub(super) fn repeats_an_answer(&self) -> bool {
        matches!(&self.answer, Answer::Made(made)
            if matches!(&made.shape, Shape::Text(text) if text.contains("{previous}")))
    }
}

/// What the client hears.
#[derive(Debug)]
pub(super) enum Answer {
    /// What the service says, altered.
    Own(Edits),
    Made(Made),
    Nothing,
}

/// Changes of the service's own answer. A path is `data.resource.0.file_size`.
#[derive(Debug, Default)]
pub(super) struct Edits {
    pub(super) set: BTreeMap<String, Value>,
    pub(super) null: Vec<String>,
    pub(super) drop: Vec<String>,
    pub(super) headers: HeaderMap,
}

impl Edits {
    pub(super) fn touch_the_body(&self) -> bool {
        !(self.set.is_empty() && self.null.is_empty() && self.drop.is_empty())
    }
}

/// An answer in the service's place.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) shape: Shape,
    pub(super) repeat: Repeat,
}

#[derive(Debug)]
pub(super) enum Shape {
    Envelope {
        code: Value,
        msg: String,
    },
    Spring,
    /// A text with placeholders.
    Text(String),
}
