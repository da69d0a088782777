//! What a run would meet, looked at beforehand: one small check each, from the key's way out of
//! this machine to the disk under the ledger.
//!
//! Uploads nothing, asks for no asset, and writes nothing but files that are gone at once. A check
//! gives facts ([`Finding`]); a check whose ground another one found missing is skipped. Where the
//! settings come from is no matter here, and the terminal is unknown.

mod disk;
mod finding;
mod network;
mod settings;
#[cfg(test)]
mod tests;

pub use disk::{ledger, report, space};
pub use finding::{Blame, Finding, Grade};
pub use network::{account, clock, connection, names, proxy, trust};
pub use settings::{key_shape, limits, open_files};
