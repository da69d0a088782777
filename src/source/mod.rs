//! Where files come from: a manifest or a walk, as one lazy stream of candidates.
//!
//! A source reads names; it neither inspects the files (`decision` does) nor knows what was uploaded
//! before. Nothing here holds the whole list: a million rows pass one at a time.

mod candidate;
mod cells;
mod dialect;
mod fault;
mod filter;
mod foreign;
mod manifest;
mod path_map;
mod scan;
mod spell;
mod system;
mod walk;

pub(crate) use candidate::candidates;
pub use candidate::{Candidate, Notice, NoticeKind, Source};
pub use cells::{Cells, push_fields};
pub use fault::{BadRow, BadRows, ManifestError, ManifestFault, NameFault, RowFault};
pub use filter::{Filter, FilterError};
pub use manifest::{Manifest, ManifestInput, ManifestOptions};
pub use path_map::{ParsePathMapError, PathMap};
pub(crate) use scan::{RawRow, Scanner};
pub use walk::{Walk, WalkOptions};
