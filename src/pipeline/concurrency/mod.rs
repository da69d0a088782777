//! Upload slots: how many uploads are under way at once, fixed or found.
//!
//! Whatever asks for an asset or fills it holds a slot. With [`Concurrency::Auto`] the number follows
//! what the line carries. An upload is never broken off for it.
//!
//! | part | duty |
//! |---|---|
//! | `setting` | what is asked for: a number, or auto |
//! | `controller` | hands slots out, and takes them back |
//! | `sampler`, `sample` | what the uploads under way do |
//! | `hill_climb` | which number fills the line; pure |
//! | `warmup`, `window` | which samples count, and how sure they are; pure |

mod controller;
mod hill_climb;
mod sample;
mod sampler;
mod setting;
mod warmup;
mod window;

pub(crate) use controller::ConcurrencyController;
pub(super) use controller::Slot;
pub use setting::Concurrency;
