//! The decision about a row, from what the disk says and what the ledger knows. Touches neither.

use crate::model::{Asset, ErrorCode, FileVersion, RowFailure, Sha256, StoredState};

/// What happens to a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Nothing: the service confirmed this very file before.
    Skip,
    /// The row fails before any call.
    Refuse(RowFailure),
    /// The file goes through the pipeline, from where it stands.
    Work,
}

/// Decides on a row from what the disk says (`version`), what the ledger knows (`stored_state`), and the
/// digest that the manifest expects.
pub(crate) fn decide(
    version: &Result<FileVersion, RowFailure>,
    stored_state: &StoredState,
    expected: Option<Sha256>,
) -> Decision {
    match (version, stored_state) {
        (Err(gone), StoredState::Confirmed(_)) if is_out_of_reach(&gone.code) => Decision::Skip,
        (Err(gone), StoredState::Sent(_)) if is_out_of_reach(&gone.code) => Decision::Work,
        (Err(failure), _) => Decision::Refuse(failure.clone()),
        (Ok(version), StoredState::Confirmed(asset)) if asset.version == *version => {
            mismatch(asset, expected).map_or(Decision::Skip, Decision::Refuse)
        }
        (Ok(_), _) => Decision::Work,
    }
}

/// Whether a file was merely not to be had: what was uploaded of it stays true.
fn is_out_of_reach(code: &ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::NotFound | ErrorCode::Permission | ErrorCode::Io
    )
}

fn mismatch(asset: &Asset, expected: Option<Sha256>) -> Option<RowFailure> {
    let (expected, sent) = (expected?, asset.sha256?);
    (expected != sent).then(|| {
        RowFailure::new(
            ErrorCode::Sha256Mismatch,
            format!(
                "the manifest expects sha256 {expected}, the bytes sent earlier hash to {sent}"
            ),
        )
    })
}

#[cfg(test)]
mod tests;
