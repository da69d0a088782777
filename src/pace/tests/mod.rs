//! What the pacers reach against a strict limiter, in figures.

mod behaviour;
mod figures;
mod model;
mod outage;
