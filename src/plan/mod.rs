//! What a run would do, how long it would take at least, and what it would cost: nothing is sent,
//! asked for or written.
//!
//! It reads the same source, rules and ledger as a run, and asks the same state machine where each
//! file's work begins, so that it has no rule of its own. Memory grows by some bytes a row.
//!
//! | part | duty |
//! |---|---|
//! | `workload` | goes through the input and counts: what goes up, what is done, what fails |
//! | `calls` | what a file costs the account, from where it stands |
//! | `causes` | rows by cause, an example each |
//! | `seen_paths` | the same path on two rows |
//! | `duplicates` | files with the same bytes |
//! | `preflight` | what the service would choke on, seen in the file itself |
//! | `disk` | how fast this machine reads and hashes |
//! | `estimate` | the least time, and what binds; pure |

mod calls;
mod causes;
mod disk;
mod duplicates;
mod error;
mod estimate;
mod options;
mod preflight;
mod seen_paths;
mod workload;

pub use calls::Calls;
pub use causes::{Cause, Causes};
pub use disk::Speeds;
pub use duplicates::Twins;
pub use error::ForecastError;
pub use estimate::{Limit, Outlook, Resource, outlook};
pub use options::Terms;
pub use preflight::{Warning, preflight};
pub use workload::{Survey, survey};
