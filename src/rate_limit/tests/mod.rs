//! What the limiters reach against a strict service: the rules, and figures.

mod breaker;
mod cooldowns;
mod figures;
mod line;
mod model;
mod permits;
