//! Files with the same bytes: only those that share their size with another, or with an asset of the
//! ledger, are read.
//!
//! A temporary table holds them, which spills to disk by itself.

use std::path::Path;

use super::ForecastError;
use super::calls::{Begin, Calls};
use crate::body::hash_file;
use crate::ledger::{FileTable, Reader, Total};
use crate::pipeline::Via;

/// What was found of files with the same bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Twins {
    /// Files that share the asset of another.
    pub shared: Total,
    /// Files that were read to tell, and that a run reads as well.
    pub read: Total,
}

/// Files among which twins are looked for.
pub(super) struct Table(FileTable);

impl Table {
    pub(super) fn new() -> Result<Self, ForecastError> {
        Ok(Self(FileTable::new()?))
    }

    /// Takes in a file whose bytes go up.
    pub(super) fn add(
        &self,
        path: &Path,
        size: u64,
        begin: Begin,
        ledger: Option<&Reader>,
    ) -> Result<(), ForecastError> {
        let held = match ledger {
            Some(ledger) => ledger.holds(size, None)?,
            None => false,
        };
        let allotted = matches!(begin, Begin::Allotted { .. });
        Ok(self.0.add(path, size, allotted, held)?)
    }

    /// Reads what must be read; gives what was found, and the calls that are saved.
    pub(super) fn find(
        &self,
        ledger: Option<&Reader>,
        via: Via,
        confirms: bool,
    ) -> Result<(Twins, Calls), ForecastError> {
        let (mut twins, mut saved) = (Twins::default(), Calls::default());
        self.0.each_to_read(|path, size, allotted| {
            // What cannot be read fails in a run, too; preflight tells of it.
            let Ok(Some((_, digest))) = hash_file(path, &|| true) else {
                return Ok(());
            };
            twins.read.add(size);
            let is_first = self.0.is_first(digest)?;
            let is_held = match ledger {
                Some(ledger) => ledger.holds(size, Some(digest))?,
                None => false,
            };
            if !allotted && (!is_first || is_held) {
                twins.shared.add(size);
                saved += Begin::New.calls(via, confirms);
            }
            Ok::<_, ForecastError>(())
        })?;
        Ok((twins, saved))
    }
}
