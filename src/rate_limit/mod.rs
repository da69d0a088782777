//! The account's limits: a decorator that lets calls through in order, never early.
//!
//! One limiter an endpoint, no faster than what was set and no faster than what the service turns out
//! to allow. A throttle answer holds the endpoint for all callers, lowers its rate and is tried again
//! here, so that the pipeline never sees it (save for uploads, whose body is spent, and for the
//! ambiguous 400 met too often). So it is while the service is down: calls wait until it is up.
//! Knows neither files nor the ledger.
//!
//! | part | duty |
//! |---|---|
//! | `service` | a call's way: permit, gate, call, what its answer changes |
//! | `policy` | the times and limits that are asked for |
//! | `limiter` | one endpoint's queue, and the permit to make one call |
//! | `schedule` | when the next call may leave, and what an answer changes |
//! | `rate` | how many calls a second: lowered and raised; pure |
//! | `cooldown` | how long an endpoint rests after a throttle answer; pure |
//! | `gate` | keeps calls waiting while the API, or storage, is down |
//! | `breaker` | whether it is down, from answers in a row; pure |

mod breaker;
mod cooldown;
mod gate;
mod limiter;
mod policy;
mod rate;
mod schedule;
mod service;
#[cfg(test)]
mod tests;

pub(crate) use policy::{CooldownPolicy, OutagePolicy, RateLimitPolicy};
pub(crate) use service::RateLimited;
