//! What a listener learns of a fact once it is on disk.

use std::path::PathBuf;

use crate::event::Event;
use crate::model::Fact;

/// The event of a fact about the file at `path`, if it has one. `confirms`: the file ends as confirmed
/// with it.
pub(super) fn event_of(fact: Fact, path: PathBuf, size: u64, confirms: bool) -> Option<Event> {
    Some(match fact {
        Fact::Sent {
            asset_id, sha256, ..
        } => Event::Sent {
            path,
            size,
            asset_id,
            sha256,
        },
        Fact::Shared {
            asset_id,
            confirmed,
            ..
        } => Event::Shared {
            path,
            size,
            asset_id,
            confirmed,
        },
        Fact::Confirmed { asset_id, .. } => Event::Confirmed {
            path,
            size,
            asset_id,
        },
        Fact::Version { asset_id, .. } if confirms => Event::Confirmed {
            path,
            size,
            asset_id,
        },
        Fact::Abandoned { asset_id, reason } => Event::Abandoned {
            path,
            asset_id,
            reason: reason.to_string(),
        },
        Fact::Failed { failure, .. } => Event::Failed { path, failure },
        Fact::Deferred { failure, .. } => Event::Deferred { path, failure },
        Fact::Pending { asset_id } => Event::Pending { path, asset_id },
        Fact::Allotted(_) | Fact::TakenOver { .. } | Fact::Version { .. } => return None,
    })
}
