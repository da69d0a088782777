//! What the pacers reach against a strict limiter: the rules, and figures.

mod breaker;
mod figures;
mod holds;
mod line;
mod model;
mod permits;
