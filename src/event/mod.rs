//! The border between the work and its displays.
//!
//! Everything a display can know goes through here, in one order, after it was committed. Listeners
//! only listen: nothing they do reaches the work.

mod channel;
mod concurrency;
mod kinds;

pub use crate::body::BodyProgress;
pub(crate) use channel::WeakEvents;
pub use channel::{Events, Listener};
pub use concurrency::{ChangeReason, ConcurrencyChange};
pub use kinds::{Event, Listed};
