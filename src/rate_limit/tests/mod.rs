//! What the pacers reach against a strict limiter: the rules, and figures.

mod figures;
mod holds;
mod line;
mod model;
mod outage;
mod turns;
