//! The queue from those who work to the one who listens: unbounded, in order.
//!
//! Knows no event by name.

use tokio::sync::mpsc;

use super::kinds::Event;

/// Receives events in order. Called from the recording task: it must not block.
pub trait Listener: Send + 'static {
    /// Takes one event.
    fn on_event(&mut self, event: &Event);
}

impl<F: FnMut(&Event) + Send + 'static> Listener for F {
    fn on_event(&mut self, event: &Event) {
        self(event);
    }
}

/// The sending end, for all who work.
#[derive(Debug, Clone)]
pub struct Events(mpsc::UnboundedSender<Event>);

impl Events {
    /// A queue of events: both its ends.
    #[must_use]
    pub fn channel() -> (Self, mpsc::UnboundedReceiver<Event>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    /// Sends an event; without effect when no one listens any more.
    pub fn send(&self, event: Event) {
        let _ = self.0.send(event);
    }

    /// A sending end for a thread that may be left behind: it does not hold the queue open.
    pub(crate) fn downgrade(&self) -> WeakEvents {
        WeakEvents(self.0.downgrade())
    }
}

/// A sending end that does not hold the queue open.
#[derive(Debug)]
pub(crate) struct WeakEvents(mpsc::WeakUnboundedSender<Event>);

impl WeakEvents {
    /// Sends an event while other sending ends exist; afterwards without effect.
    pub(crate) fn send(&self, event: Event) {
        if let Some(queue) = self.0.upgrade() {
            let _ = queue.send(event);
        }
    }
}
