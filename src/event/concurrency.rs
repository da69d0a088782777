//! How many uploads go at once from now on, and why: for events and for people.
//!
//! Holds the words; how the number is found is the pipeline's.

use std::fmt;

/// A number of slots, and why it was chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConcurrencyChange {
    /// Uploads at once, from now on.
    pub slots: usize,
    /// What was measured before, in bytes a second.
    pub bytes_per_second: f64,
    /// What it follows from.
    pub why: ChangeReason,
}

/// What a change follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChangeReason {
    /// A trial: whether this many carry more, or as much.
    Trial,
    /// This many carry more than the number before, or as much where they are fewer.
    Better,
    /// The number that was tried carried no more.
    NoGain(usize),
    /// What was tried could not be judged: uploads stalled, or there was too little to do.
    Unclear,
    /// Uploads wait for the account's limits: more of them would wait, too.
    Account,
    /// Uploads wait for `--bandwidth`.
    Bandwidth,
    /// Uploads wait for the disk.
    Disk,
    /// There are never more.
    Most,
}

impl fmt::Display for ConcurrencyChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slots = self.slots;
        write!(f, "{slots} uploads at once: ")?;
        match self.why {
            ChangeReason::Trial => f.write_str("trying whether your connection carries more"),
            ChangeReason::Better => {
                f.write_str("your connection carries more with them, or as much with fewer")
            }
            ChangeReason::NoGain(tried) => write!(f, "{tried} carried no more"),
            ChangeReason::Unclear => f.write_str("another number could not be judged"),
            ChangeReason::Account => f.write_str("uploads wait for the account's limits"),
            ChangeReason::Bandwidth => f.write_str("uploads wait for --bandwidth"),
            ChangeReason::Disk => f.write_str("uploads wait for the disk"),
            ChangeReason::Most => f.write_str("there are never more"),
        }
    }
}
