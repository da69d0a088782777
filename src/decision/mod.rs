//! What to do with a candidate: skip it, refuse it, or work on it, and where its work begins.
//!
//! Pure: it is told what the disk says and what the ledger knows, and touches neither.

mod check;

use crate::model::{Asset, ErrorCode, Refusal, Seen, Sha256, Standing};
pub use check::{DIRECT_SIZE, MAX_SIZE, Rules, check, look_at};

/// What happens to a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Nothing: the service confirmed this very file before.
    Skip,
    /// The row fails before any call.
    Refuse(Refusal),
    /// The file goes through the pipeline, from where it stands.
    Work,
}

/// Decides on a row from what the disk says (`seen`), what the ledger knows (`standing`), and the
/// digest that the manifest expects.
#[must_use]
pub fn decide(
    seen: &Result<Seen, Refusal>,
    standing: &Standing,
    expected: Option<Sha256>,
) -> Decision {
    match (seen, standing) {
        (Err(gone), Standing::Confirmed(_)) if is_out_of_reach(&gone.code) => Decision::Skip,
        (Err(gone), Standing::Sent(_)) if is_out_of_reach(&gone.code) => Decision::Work,
        (Err(refusal), _) => Decision::Refuse(refusal.clone()),
        (Ok(seen), Standing::Confirmed(asset)) if asset.seen == *seen => {
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

fn mismatch(asset: &Asset, expected: Option<Sha256>) -> Option<Refusal> {
    let (expected, sent) = (expected?, asset.sha256?);
    (expected != sent).then(|| {
        Refusal::new(
            ErrorCode::Sha256Mismatch,
            format!(
                "the manifest expects sha256 {expected}, the bytes sent earlier hash to {sent}"
            ),
        )
    })
}

#[cfg(test)]
mod tests;
