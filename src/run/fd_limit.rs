//! How many uploads at once the system's limit of open files bears.

use std::num::NonZeroUsize;

use crate::pipeline::Concurrency;

/// Open files that are not for uploads: the ledger's, the report, folders being walked, the runtime.
const RESERVE: u64 = 32;

/// Open files of one upload: the file, and a connection each to storage and to the API.
const EACH: u64 = 3;

/// Says so where this process may have too few open files for a single upload.
#[must_use]
pub fn too_few() -> Option<String> {
    let limit = limit().filter(|limit| *limit < RESERVE)?;
    Some(format!(
        "{limit} open files are allowed (ulimit -n), and mavi needs {RESERVE}: ulimit -n 1024"
    ))
}

/// Lowers the number of uploads at once to what the limit of this process bears, and says so. One
/// that is found goes as far as the system lets it.
pub(crate) fn lower(concurrency: &mut Concurrency) -> Option<String> {
    let Concurrency::Fixed(wanted) = concurrency else {
        return None;
    };
    let limit = limit()?;
    let bearable = usize::try_from(limit.saturating_sub(RESERVE) / EACH).unwrap_or(usize::MAX);
    let bearable = NonZeroUsize::new(bearable).unwrap_or(NonZeroUsize::MIN);
    if bearable >= *wanted {
        return None;
    }
    *wanted = bearable;
    Some(format!(
        "{limit} open files are allowed (ulimit -n): {bearable} uploads at once"
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
