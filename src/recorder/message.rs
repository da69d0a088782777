//! What is sent to the writer, and what it announces.

use tokio::sync::oneshot;

use crate::ledger::{Listing, Op, Reply};

/// The sending end of an answer.
pub(super) type Answer = oneshot::Sender<Reply>;

#[derive(Debug)]
pub(super) enum Message {
    /// Input rows to decide on and write.
    Admit(Vec<Listing>, Answer),
    /// Anything else; [`Op::Timeline`] wants no answer.
    Op(Op, Option<Answer>),
}

/// How far the listing is: changes with every batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ListingState {
    /// Rows admitted so far.
    pub rows: u64,
    /// The input was read to its end.
    pub ended: bool,
}
