//! How many uploads at once the system's limit of open files allows. Reads the limit and does not
//! raise it.

use std::num::NonZeroUsize;

use crate::pipeline::Concurrency;

/// Open files that are not for uploads: the ledger's, the report, folders being walked, the runtime.
const RESERVE: u64 = 32;

/// Open files of one upload: the file, and a connection each to storage and to the API.
const EACH: u64 = 3;

/// The words for it, where this process may open too few files for a single upload.
#[must_use]
pub fn too_few() -> Option<String> {
    let limit = limit().filter(|limit| *limit < RESERVE)?;
    Some(format!(
        "{limit} open files are allowed (ulimit -n), and mavi needs {RESERVE}: ulimit -n 1024"
    ))
}

/// Lowers a fixed number of uploads at once to what the limit of this process allows. Returns the
/// words for it, where it was lowered. A number that is found is lowered when the limit is met.
pub(crate) fn lower(concurrency: &mut Concurrency) -> Option<String> {
    let Concurrency::Fixed(wanted) = concurrency else {
        return None;
    };
    let limit = limit()?;
    let allowed = usize::try_from(limit.saturating_sub(RESERVE) / EACH).unwrap_or(usize::MAX);
    let allowed = NonZeroUsize::new(allowed).unwrap_or(NonZeroUsize::MIN);
    if allowed >= *wanted {
        return None;
    }
    *wanted = allowed;
    Some(format!(
        "{limit} open files are allowed (ulimit -n): {allowed} uploads at once"
    ))
}

#[cfg(unix)]
fn limit() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

#[cfg(not(unix))]
fn limit() -> Option<u64> {
    None
}
