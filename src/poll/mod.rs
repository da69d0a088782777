//! Which asset is polled next, and when: polls are the scarcest thing an account has.
//!
//! At full speed the account allows one poll a file, over all assets that wait. Knows neither the wire
//! nor what an answer does to a file.
//!
//! | while | a poll goes to |
//! |---|---|
//! | polls are plenty | an asset as soon as its chance to be done is worth a call (0.3) |
//! | polls are scarce | the likeliest of those; the others ripen meanwhile, and few polls fail |
//! | an asset hangs | it, each 30 poll intervals; while polls are scarce, with one poll in eight |
//! | a poll failed | it again after the poll interval; while polls are scarce, the likelier others first |
//!
//! | part | duty |
//! |---|---|
//! | `policy` | how long and how often |
//! | `model` | how long the service takes, from the answers of this run; pure |
//! | `queue` | which assets wait, and which of them is worth a call; pure |
//! | `scheduler` | where the workers wait for their permit |

mod model;
mod policy;
mod queue;
mod scheduler;

pub use policy::ConfirmPolicy;
pub(crate) use scheduler::{PollScheduler, PollTicket};
