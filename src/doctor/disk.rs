//! The checks of this machine's disk: report, ledger, the space for them. They
//! leave nothing on it.

use std::path::Path;

use bytesize::ByteSize;

use super::{Blame, Finding};
use crate::ledger::{Identity, LedgerError, Reader};
use crate::model::others_may_read;
use crate::report::{self, ReportError, folder};

/// Space for a report and a ledger of a large library.
const ENOUGH: u64 = 100_000_000;

/// Whether the report may be written to its place.
#[must_use]
pub fn report(path: &Path, ledger: &Path) -> Finding {
    let check = "report";
    // A ledger that cannot be read has a finding of its own.
    let ledger = Reader::open_untouched(ledger).ok();
    match report::claim(path, ledger.as_ref(), false) {
        Ok(()) => Finding::ok(check, format!("{} can be written", path.display())),
        Err(ReportError::Ledger(error)) => ledger_failure(check, &error),
        Err(error) => Finding::fail(check, Blame::Setup, error.to_string()),
    }
}

/// Whether the ledger can be used: that it is readable, of this version, free, and of this service.
#[must_use]
pub fn ledger(path: &Path, identity: Option<&Identity>) -> Finding {
    let (check, shown) = ("ledger", path.display());
    let theirs = match open_free(path).and_then(|ledger| owner(&ledger)) {
        Ok(theirs) => theirs,
        Err(LedgerError::Older { .. }) => {
            let says = format!("{shown}: of an earlier mavi: the next run brings it up");
            return Finding::ok(check, says);
        }
        Err(LedgerError::Missing { .. }) => return new_ledger(path),
        Err(error) => return ledger_failure(check, &error),
    };
    match (theirs, identity) {
        (Some(theirs), Some(ours)) if theirs.base_url != ours.base_url => ledger_failure(
            check,
            &LedgerError::OtherService {
                location: path.into(),
                theirs: theirs.base_url,
                ours: ours.base_url.clone(),
            },
        ),
        (Some(theirs), Some(ours)) if theirs.account != ours.account => Finding::warn(
            check,
            format!("{shown}: was made with another key"),
            "a run asks the service whether both keys are of one account",
        ),
        _ if others_may_read(path) => Finding::warn(
            check,
            format!("{shown}: can be read by others, and holds signed URLs"),
            "chmod 600 it",
        ),
        _ => Finding::ok(check, format!("{shown}: readable, and no one writes to it")),
    }
}

/// Opens a ledger that no one writes to.
fn open_free(path: &Path) -> Result<Reader, LedgerError> {
    match Reader::writer(path)? {
        Some(pid) => Err(LedgerError::InUse {
            location: path.into(),
            pid,
        }),
        None => Reader::open_untouched(path),
    }
}

/// Whose assets a ledger knows.
fn owner(ledger: &Reader) -> Result<Option<Identity>, LedgerError> {
    if ledger.has_assets()? {
        ledger.identity()
    } else {
        Ok(None)
    }
}

fn new_ledger(path: &Path) -> Finding {
    let (check, shown) = ("ledger", path.display());
    match tempfile::tempfile_in(folder(path)) {
        Ok(_) => Finding::ok(
            check,
            format!("{shown}: new: nothing is known of earlier uploads"),
        ),
        Err(error) => ledger_failure(check, &LedgerError::making(path, &error)),
    }
}

fn ledger_failure(check: &'static str, error: &LedgerError) -> Finding {
    let blame = if error.is_setup() {
        Blame::Setup
    } else {
        Blame::Local
    };
    Finding::fail(check, blame, error.to_string())
}

/// How much space there is where `path` is to be written.
#[must_use]
pub fn space(check: &'static str, path: &Path) -> Finding {
    let folder = folder(path);
    let shown = folder.display();
    // Decimal, as the service bills sizes.
    let size = |bytes| ByteSize(bytes).display().si();
    match free(folder) {
        None => Finding::ok(check, format!("{shown}: not known")),
        Some(0) => Finding::fail(check, Blame::Local, format!("{shown}: no space left"))
            .hinting("make space"),
        Some(bytes) if bytes < ENOUGH => Finding::warn(
            check,
            format!("{shown}: {} free", size(bytes)),
            "make space",
        ),
        Some(bytes) => Finding::ok(check, format!("{shown}: {} free", size(bytes))),
    }
}

#[cfg(unix)]
fn free(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
fn free(_: &Path) -> Option<u64> {
    None
}
