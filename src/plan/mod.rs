//! What a run would do, how long it would take at least, and what it would cost. Nothing is sent,
//! asked for or written.
//!
//! It reads the same source, rules and ledger as a run, and asks the same state machine where the
//! work on each file begins, so it has no rule of its own. Memory grows by a few bytes a row.
//!
//! | part | duty |
//! |---|---|
//! | `workload` | goes through the input and counts what is uploaded, what is done, what fails |
//! | `calls` | what a file costs the account, from where it stands |
//! | `causes` | rows by cause, an example each |
//! | `seen_paths` | the same path on two rows |
//! | `duplicates` | files with the same bytes |
//! | `preflight` | what the service would reject, found in the file itself |
//! | `disk` | how fast this machine reads and hashes |
//! | `estimate` | the least time, and what limits it; pure |

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

pub use causes::{CauseSummary, Causes};
pub use disk::Speeds;
pub use duplicates::Duplicates;
pub use error::PlanError;
pub use estimate::{Estimate, Limit, Resource, estimate};
pub use options::PlanOptions;
pub use workload::{Workload, workload};
