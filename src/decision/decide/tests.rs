use jiff::Timestamp;

use super::*;
use crate::model::AssetId;

const SEEN: FileVersion = FileVersion {
    size: 5,
    mtime_ns: 7,
};

fn asset() -> Asset {
    Asset {
        asset_id: AssetId::parse("re_1").unwrap(),
        url: None,
        url_expires_at: Timestamp::UNIX_EPOCH,
        version: SEEN,
        sha256: Some(Sha256([1; 32])),
        sent_at: None,
        shared: false,
    }
}

#[test]
fn what_is_confirmed_and_unchanged_costs_nothing() {
    let confirmed = StoredState::Confirmed(asset());
    let gone = Err(RowFailure::new(ErrorCode::NotFound, "no such file"));
    let emptied = Err(RowFailure::new(ErrorCode::Empty, "no bytes"));
    assert_eq!(decide(&Ok(SEEN), &confirmed, None), Decision::Skip);
    assert_eq!(decide(&gone, &confirmed, None), Decision::Skip);
    assert_eq!(
        decide(&gone, &StoredState::Sent(asset()), None),
        Decision::Work
    );
    assert!(matches!(
        decide(&gone, &StoredState::New, None),
        Decision::Refuse(_)
    ));
    assert!(matches!(
        decide(&emptied, &confirmed, None),
        Decision::Refuse(_)
    ));
    let touched = FileVersion {
        mtime_ns: 8,
        ..SEEN
    };
    assert_eq!(decide(&Ok(touched), &confirmed, None), Decision::Work);
}

#[test]
fn an_expected_digest_is_held_against_what_was_sent() {
    let confirmed = StoredState::Confirmed(asset());
    assert_eq!(
        decide(&Ok(SEEN), &confirmed, Some(Sha256([1; 32]))),
        Decision::Skip
    );
    let refused = decide(&Ok(SEEN), &confirmed, Some(Sha256([2; 32])));
    assert!(matches!(refused, Decision::Refuse(r) if r.code == ErrorCode::Sha256Mismatch));
}
