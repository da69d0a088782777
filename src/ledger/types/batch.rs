//! A batch: what is asked of a ledger at once, and what it answers, as data.

use super::{AdmittedRow, DuplicateCandidates, RunId, TimelineChange};
use crate::model::{Fact, FileId, FileVersion, Job, Pass, Sha256, StoredState};

/// What a batch outlives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A power loss.
    Synced,
    /// A kill. A power loss may take the batch, unless a synced one followed.
    Unsynced,
}

/// One thing to write, or to read in the middle of the writing. The operations of a batch see what
/// those before them wrote.
#[derive(Debug)]
pub enum Op {
    /// Input rows of a run, with what was decided on them. Answer: [`Reply::Rows`], those that ended
    /// with it.
    Admit {
        /// The run.
        run: RunId,
        /// The rows, in input order.
        rows: Vec<AdmittedRow>,
    },
    /// A run's input was read to its end. The rows of earlier runs, which it replaces, go.
    EndListing(RunId),
    /// A fact about a file. Answer: [`Reply::Written`].
    Apply {
        /// The file.
        file: FileId,
        /// The fact.
        fact: Fact,
    },
    /// Which rows of a run name a file: the first, and its duplicates. Answer: [`Reply::Rows`].
    RowsOf {
        /// The run.
        run: RunId,
        /// The file.
        file: FileId,
        /// None of them unless the file's asset is confirmed.
        if_confirmed: bool,
    },
    /// The jobs of a pass, in input order. Answer: [`Reply::Jobs`].
    Jobs {
        /// The run.
        run: RunId,
        /// The pass.
        pass: Pass,
        /// Those behind this row; `None`: from the start.
        after: Option<u64>,
        /// At most so many.
        limit: u32,
    },
    /// Where a file stands. Answer: [`Reply::StoredState`].
    StoredState(FileId),
    /// The assets of other files than this one that may hold the same bytes. Answer:
    /// [`Reply::DuplicateCandidates`].
    DuplicateCandidates {
        /// The file.
        file: FileId,
        /// Its size.
        size: u64,
        /// Its digest, where that is known.
        digest: Option<Sha256>,
    },
    /// What is new about how a run goes.
    Timeline {
        /// The run.
        run: RunId,
        /// The news.
        change: TimelineChange,
    },
    /// A run is over.
    EndRun {
        /// The run.
        run: RunId,
        /// Its whole report, as it was left.
        report: Option<FileVersion>,
    },
}

/// The answer to an [`Op`].
#[derive(Debug)]
pub enum Reply {
    /// It is written.
    Done,
    /// Numbers of input rows.
    Rows(Vec<u64>),
    /// Whether a fact was taken.
    Written(Written),
    /// Jobs, each with its row's number.
    Jobs(Vec<(u64, Job)>),
    /// Where a file stands.
    StoredState(StoredState),
    /// What other files have.
    DuplicateCandidates(DuplicateCandidates),
}

/// Whether a fact was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is in the ledger.
    Done,
    /// The asset id belongs to another file; nothing was written.
    AssetIdTaken,
    /// The asset that was to be shared is not what it was; nothing was written.
    DuplicateGone,
}
