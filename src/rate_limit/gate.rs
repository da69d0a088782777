//! One side of the service (the API; storage) as all its callers see it: open, or away and knocked
//! at once in a while.
//!
//! The judgement is `retry`'s; here it is shared, and calls are kept waiting by it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::api::Fault;
use crate::event::{Event, Events};
use crate::rate_limit::{BreakerVerdict, CircuitBreaker};

#[derive(Debug)]
pub(super) struct Gate {
    state: Mutex<State>,
    back: Notify,
    events: Events,
}

#[derive(Debug)]
struct State {
    breaker: CircuitBreaker,
    next_probe: Instant,
}

impl Gate {
    pub(super) fn new(breaker: CircuitBreaker, events: Events) -> Self {
        let next_probe = Instant::now();
        Self {
            state: Mutex::new(State {
                breaker,
                next_probe,
            }),
            back: Notify::new(),
            events,
        }
    }

    /// Waits while the side is away, unless this call is the one that finds out whether it still
    /// is. Gives whether it is.
    pub(super) async fn admit(&self) -> bool {
        loop {
            let mut back = std::pin::pin!(self.back.notified());
            // Before the look at the state, so that no return in between is missed.
            back.as_mut().enable();
            let Some(next_probe) = self.state().closed() else {
                return self.state().breaker.is_down();
            };
            tokio::select! {
                () = &mut back => {}
                () = tokio::time::sleep_until(next_probe) => {}
            }
        }
    }

    /// Hears an answer (its fault, or `None` for a success) and says what it means beyond its call.
    pub(super) fn judge(&self, fault: Option<&Fault>) -> BreakerVerdict {
        let mut state = self.state();
        let now = Instant::now();
        let was_down = state.breaker.is_down();
        let verdict = state.breaker.judge(fault, now);
        if let BreakerVerdict::Down(pause) = verdict {
            state.next_probe = now + pause;
        }
        match (was_down, state.breaker.is_down()) {
            (false, true) => self.events.send(Event::ServiceDown {
                host: state.breaker.host().to_owned(),
            }),
            (true, false) => {
                self.events.send(Event::ServiceUp {
                    host: state.breaker.host().to_owned(),
                });
                self.back.notify_waiters();
            }
            _ => {}
        }
        verdict
    }

    /// A call that was to be made again succeeded.
    pub(super) fn key_works(&self) {
        self.state().breaker.key_works();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// When to ask again; `None` when the call may leave. A probe sets the time of the next one.
    fn closed(&mut self) -> Option<Instant> {
        let now = Instant::now();
        if !self.breaker.is_down() {
            return None;
        }
        if now < self.next_probe {
            return Some(self.next_probe);
        }
        self.next_probe = now + self.breaker.policy().probe();
        None
    }
}
