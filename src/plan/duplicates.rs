//! Files with the same bytes: only those that share their size with another, or with an asset of the
//! ledger, are read.
//!
//! A temporary table of `SQLite` holds them, which spills to disk by itself.

use std::path::Path;

use super::PlanError;
use super::calls::{CallCounts, StartPoint};
use crate::body::hash_file;
use crate::ledger::{FileTable, Reader, Total};
use crate::pipeline::Via;

/// Files with the same bytes, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Duplicates {
    /// Files that share the asset of another.
    pub shared: Total,
    /// Files that were read for it, and that a run reads as well.
    pub read: Total,
}

/// The files among which duplicates are searched.
pub(super) struct DuplicateTable(FileTable);

impl DuplicateTable {
    pub(super) fn new() -> Result<Self, PlanError> {
        Ok(Self(FileTable::new()?))
    }

    /// Adds a file to upload.
    pub(super) fn add(
        &self,
        path: &Path,
        size: u64,
        begin: StartPoint,
        ledger: Option<&Reader>,
    ) -> Result<(), PlanError> {
        let held = match ledger {
            Some(ledger) => ledger.holds(size, None)?,
            None => false,
        };
        let allotted = matches!(begin, StartPoint::Allotted { .. });
        Ok(self.0.add(path, size, allotted, held)?)
    }

    /// Reads what must be read; returns what was found, and the calls that are saved.
    pub(super) fn find(
        &self,
        ledger: Option<&Reader>,
        via: Via,
        confirms: bool,
    ) -> Result<(Duplicates, CallCounts), PlanError> {
        let (mut duplicates, mut saved) = (Duplicates::default(), CallCounts::default());
        self.0.each_to_read(|path, size, allotted| {
            // What cannot be read fails in a run, too; preflight reports it.
            let Ok(Some((_, digest))) = hash_file(path, &|| true) else {
                return Ok(());
            };
            duplicates.read.add(size);
            let is_first = self.0.is_first(digest)?;
            let is_held = match ledger {
                Some(ledger) => ledger.holds(size, Some(digest))?,
                None => false,
            };
            if !allotted && (!is_first || is_held) {
                duplicates.shared.add(size);
                saved += StartPoint::New.calls(via, confirms);
            }
            Ok::<_, PlanError>(())
        })?;
        Ok((duplicates, saved))
    }
}
