//! What becomes of input rows: looked up in the ledger, decided on, ready to be written. Writes
//! nothing itself.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::Path;

use crate::decision::{Decision, decide};
use crate::ledger::{
    Admission, AdmittedRow, FileEntry, KnownFile, LedgerError, Listing, Reader, RunId,
};
use crate::model::{ErrorCode, FileVersion, RowFailure, StoredState};

/// Decides on input rows of a run by what the ledger knows of their files; the rows before them are
/// in the ledger.
///
/// # Errors
/// When the ledger cannot be read.
pub fn admissions(
    ledger: &Reader,
    run: RunId,
    rows: Vec<Listing>,
) -> Result<Vec<AdmittedRow>, LedgerError> {
    let known = ledger.look_up(run, &rows)?;
    let mut named = HashMap::with_capacity(rows.len());
    let decided: Vec<_> = rows
        .iter()
        .zip(known)
        .map(|(row, known)| admit(row, known, &mut named))
        .collect();
    let admitted = rows.into_iter().zip(decided);
    Ok(admitted
        .map(|(listing, (file, admission))| AdmittedRow {
            listing,
            file,
            admission,
        })
        .collect())
}

/// Decides on one row. `named` holds the files of the rows before it that the ledger does not have
/// yet.
fn admit<'a>(
    listing: &'a Listing,
    known: Option<KnownFile>,
    named: &mut HashMap<&'a Path, u64>,
) -> (FileEntry, Admission) {
    let (path, version) = (listing.candidate.path.as_path(), &listing.version);
    if path.as_os_str().is_empty() {
        let failure = version.clone().err().unwrap_or_else(no_path);
        return (FileEntry::None, Admission::Refused(failure));
    }
    if let Some(first) = known.as_ref().and_then(|known| known.first_row) {
        return (FileEntry::None, Admission::DuplicateOf(first));
    }
    match named.entry(path) {
        Entry::Occupied(first) => {
            return (FileEntry::None, Admission::DuplicateOf(*first.get()));
        }
        Entry::Vacant(place) => drop(place.insert(listing.no)),
    }
    let stored_state = known
        .as_ref()
        .map_or(&StoredState::New, |known| &known.stored_state);
    let decision = decide(version, stored_state, listing.candidate.expected_sha256);
    (
        entry(&decision, known.as_ref()),
        outcome(decision, known, version),
    )
}

fn entry(decision: &Decision, known: Option<&KnownFile>) -> FileEntry {
    match known {
        None => FileEntry::New,
        Some(known) if *decision == Decision::Work => FileEntry::Restarted(known.file),
        // What is skipped keeps its history, and a million files that are what they were are not
        // written.
        Some(known) if known.is_unchanged => FileEntry::Unchanged(known.file),
        Some(known) => FileEntry::Changed(known.file),
    }
}

fn outcome(
    decision: Decision,
    known: Option<KnownFile>,
    version: &Result<FileVersion, RowFailure>,
) -> Admission {
    let (stored_state, confirmed_at) = known.map_or((StoredState::New, None), |known| {
        (known.stored_state, known.confirmed_at)
    });
    match (decision, stored_state) {
        (Decision::Refuse(failure), _) => Admission::Refused(failure),
        (Decision::Skip, StoredState::Confirmed(asset)) => Admission::Skipped {
            asset_id: asset.asset_id,
            confirmed_at: confirmed_at.unwrap_or_default(),
        },
        (_, StoredState::Sent(_) | StoredState::Confirmed(_)) => Admission::Todo { bytes: 0 },
        _ => Admission::Todo {
            bytes: version.as_ref().map_or(0, |version| version.size),
        },
    }
}

fn no_path() -> RowFailure {
    RowFailure::new(ErrorCode::Manifest, "the row names no file")
}

#[cfg(test)]
mod tests;
