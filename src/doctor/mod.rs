//! Checks, before a run, what the run would meet: the key, the way to the service, the disk. One small
//! function a check, one [`Finding`] each.
//!
//! Uploads nothing, asks for no asset, and writes nothing but files that are gone at once. A check
//! that needs what another one found missing is skipped. Knows neither where the settings come from
//! nor the terminal.

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
