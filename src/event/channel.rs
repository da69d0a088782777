//! From those who work to the one who listens: a queue without an end, in order.

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

/// The sending end, held by whoever works.
#[derive(Debug, Clone)]
pub struct Events(mpsc::UnboundedSender<Event>);

impl Events {
    /// A line of events with its receiving end.
    #[must_use]
    pub fn channel() -> (Self, mpsc::UnboundedReceiver<Event>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    /// Tells an event; once nobody listens any more, tells nobody.
    pub fn send(&self, event: Event) {
        let _ = self.0.send(event);
    }

    /// The same line, for whoever may be left behind: it does not keep the line open.
    pub(crate) fn downgrade(&self) -> WeakEvents {
        WeakEvents(self.0.downgrade())
    }
}

/// A sending end that does not keep the line open.
#[derive(Debug)]
pub(crate) struct WeakEvents(mpsc::WeakUnboundedSender<Event>);

impl WeakEvents {
    /// Tells an event while others hold the line; afterwards tells nobody.
    pub(crate) fn send(&self, event: Event) {
        if let Some(line) = self.0.upgrade() {
            let _ = line.send(event);
        }
    }
}
