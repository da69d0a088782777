//! One side of the service (the API; storage) as all its callers see it: up, or down and probed once
//! in a while.
//!
//! Whether it is down is the breaker's judgement; here calls are admitted by it or kept waiting.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::breaker::{BreakerVerdict, CircuitBreaker};
use crate::api::Fault;
use crate::event::{Event, Events};

#[derive(Debug)]
pub(super) struct Gate {
    state: Mutex<State>,
    up: Notify,
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
            up: Notify::new(),
            events,
        }
    }

    /// Waits while the side is down, unless this call is the probe that finds out whether it still is.
    /// Returns whether it is that.
    pub(super) async fn admit(&self) -> bool {
        loop {
            let mut up = std::pin::pin!(self.up.notified());
            // Before the state is read, so that no recovery in between is missed.
            up.as_mut().enable();
            let Some(next_probe) = self.state().closed_until() else {
                return self.state().breaker.is_down();
            };
            tokio::select! {
                () = &mut up => {}
                () = tokio::time::sleep_until(next_probe) => {}
            }
        }
    }

    /// Takes an answer (its fault, or `None` for a success). Returns what follows beyond its call.
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
                self.up.notify_waiters();
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
    fn closed_until(&mut self) -> Option<Instant> {
        let now = Instant::now();
        if !self.breaker.is_down() {
            return None;
        }
        if now < self.next_probe {
            return Some(self.next_probe);
        }
        self.next_probe = now + self.breaker.policy().probe;
        None
    }
}
