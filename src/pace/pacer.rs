//! One endpoint's turnstile: first come, first served, no burst, one hold for everybody.

use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::sync::MutexGuard;
use tokio::time::Instant;

use crate::clock::TokioClock;

type Limiter = RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Duration>>;

/// The longest pause between two calls of one endpoint that a `Retry-After` can ask for.
const LONGEST_HOLD: Duration = Duration::from_secs(300);

/// How an endpoint is held after a throttle answer.
#[derive(Debug, Clone, Copy)]
pub struct HoldPolicy {
    /// The first hold; doubled with each throttle answer in a row.
    pub first: Duration,
    /// The longest own hold.
    pub longest: Duration,
}

/// Admits calls to one endpoint, in the order in which they asked.
///
/// governor spaces the starts; the queue in front of it is tokio's fair mutex, since governor
/// itself wakes all waiters at once and serves them in any order.
#[derive(Debug)]
pub struct Pacer {
    period: Duration,
    queue: tokio::sync::Mutex<Gate>,
    hold: Mutex<Hold>,
    policy: HoldPolicy,
    clock: TokioClock,
}

#[derive(Debug)]
struct Gate {
    limiter: Option<Limiter>,
    not_before: Instant,
}

#[derive(Debug)]
struct Hold {
    until: Instant,
    next: Duration,
}

/// The right to make one call. Whoever holds it keeps the next one waiting.
#[derive(Debug)]
#[must_use = "a turn that is dropped unused has cost its place"]
pub struct Turn<'a> {
    gate: Option<MutexGuard<'a, Gate>>,
    period: Duration,
}

impl Pacer {
    /// A pacer for `rate` calls a second; 0 means no limit. `not_before` is when the first call may
    /// leave: one period after the last call of an earlier run.
    #[must_use]
    pub fn new(rate: f64, policy: HoldPolicy, not_before: Instant) -> Self {
        let period = period(rate);
        let clock = TokioClock::new();
        let limiter = Quota::with_period(period).map(|quota| {
            Limiter::direct_with_clock(quota.allow_burst(NonZeroU32::MIN), clock.clone())
        });
        Self {
            period,
            queue: tokio::sync::Mutex::new(Gate {
                limiter,
                not_before,
            }),
            hold: Mutex::new(Hold {
                until: not_before,
                next: policy.first,
            }),
            policy,
            clock,
        }
    }

    /// Waits for a turn. Dropping the future gives the place up.
    pub async fn turn(&self) -> Turn<'_> {
        let gate = self.queue.lock().await;
        loop {
            let ready = gate.not_before.max(self.hold().until);
            if ready > Instant::now() {
                tokio::time::sleep_until(ready).await;
                continue;
            }
            match gate.limiter.as_ref().map(Limiter::check) {
                Some(Err(early)) => {
                    tokio::time::sleep(early.wait_time_from(self.clock.now())).await;
                }
                Some(Ok(())) | None => break,
            }
        }
        // Without a limit nobody need wait for another's answer.
        let gate = (!self.period.is_zero()).then_some(gate);
        Turn {
            gate,
            period: self.period,
        }
    }

    /// A throttle answer came: nobody calls until the hold is over. Gives the length of the hold.
    pub fn hold_back(&self, retry_after: Option<Duration>) -> Duration {
        let mut hold = self.hold();
        let asked = retry_after.unwrap_or_default().min(LONGEST_HOLD);
        let jitter = hold.next.mul_f64(fastrand::f64() / 4.0);
        let pause = (hold.next + jitter).max(asked);
        hold.until = hold.until.max(Instant::now() + pause);
        hold.next = (hold.next * 2).min(self.policy.longest);
        pause
    }

    /// An answer came that was no throttle answer: the next hold starts small again.
    pub fn relax(&self) {
        self.hold().next = self.policy.first;
    }

    fn hold(&self) -> std::sync::MutexGuard<'_, Hold> {
        self.hold.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn<'_> {
    /// The answer came, or the call can be over: the next one leaves a period from now.
    ///
    /// Counting from the answer makes it impossible, not just rare, that jitter on the line brings
    /// two arrivals closer than a period; the cost is one round trip a call.
    pub fn end(self, guard: Duration) {
        if let Some(mut gate) = self.gate {
            gate.not_before = Instant::now() + self.period + guard;
        }
    }
}

/// The time between two calls at `rate` a second; zero for no limit.
fn period(rate: f64) -> Duration {
    if rate > 0.0 {
        Duration::try_from_secs_f64(1.0 / rate).unwrap_or(Duration::MAX)
    } else {
        Duration::ZERO
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const POLICY: HoldPolicy = HoldPolicy {
        first: Duration::from_secs(1),
        longest: Duration::from_secs(32),
    };

    fn pacer(rate: f64) -> Arc<Pacer> {
        Arc::new(Pacer::new(rate, POLICY, Instant::now()))
    }

    #[tokio::test(start_paused = true)]
    async fn turns_are_served_in_order_a_period_apart_and_without_burst() {
        let pacer = pacer(2.0);
        let start = Instant::now();
        let mut calls = tokio::task::JoinSet::new();
        for i in 0..6_u32 {
            let pacer = Arc::clone(&pacer);
            calls.spawn(async move {
                pacer.turn().await.end(Duration::ZERO);
                (i, start.elapsed().as_millis())
            });
            tokio::task::yield_now().await;
        }
        let mut served = calls.join_all().await;
        served.sort_unstable();
        for (i, at) in served {
            let due = u128::from(i) * 500;
            assert!((due..due + 10).contains(&at), "call {i} at {at} ms");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_period_starts_when_the_answer_came() {
        let pacer = pacer(1.0);
        let turn = pacer.turn().await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        turn.end(Duration::ZERO);
        let answered = Instant::now();
        pacer.turn().await.end(Duration::ZERO);
        assert!(answered.elapsed() >= Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn case_004_a_hold_keeps_everybody_waiting_and_retry_after_is_capped() {
        let pacer = pacer(0.0);
        assert!(pacer.hold_back(None) >= Duration::from_secs(1));
        assert!(pacer.hold_back(None) >= Duration::from_secs(2));
        assert_eq!(
            pacer.hold_back(Some(Duration::from_secs(99_999))),
            LONGEST_HOLD
        );
        let start = Instant::now();
        pacer.turn().await.end(Duration::ZERO);
        assert!(start.elapsed() >= LONGEST_HOLD);
    }
}
