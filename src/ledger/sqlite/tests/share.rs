//! Files that share an asset.

use super::*;

/// `/a.mp4` has the confirmed asset `re_1`, and `/b.mp4` shares it.
fn two_that_share(ledger: &mut Ledger, run: RunId) -> (FileId, FileId) {
    for (no, path) in [(0, "/a.mp4"), (1, "/b.mp4")] {
        admit(ledger, run, listing(no, path));
    }
    let jobs = ledger.jobs(run, Pass::First, None, 9).unwrap();
    let (first, second) = (jobs[0].1.file, jobs[1].1.file);
    assert!(
        ledger
            .duplicate_candidates(second, 5, None)
            .unwrap()
            .stored
            .is_none()
    );
    confirm(ledger, first, "re_1");
    let digest = Some(Sha256([9; 32]));
    assert!(
        ledger
            .duplicate_candidates(first, 5, digest)
            .unwrap()
            .stored
            .is_none()
    );
    assert!(
        ledger
            .duplicate_candidates(second, 6, digest)
            .unwrap()
            .stored
            .is_none()
    );
    let duplicate = ledger
        .duplicate_candidates(second, 5, digest)
        .unwrap()
        .stored;
    assert!(
        matches!(duplicate, Some(StoredState::Confirmed(asset)) if asset.asset_id.as_str() == "re_1")
    );
    let shared = Fact::Shared {
        asset_id: AssetId::parse("re_1").unwrap(),
        version: FileVersion {
            mtime_ns: 70,
            ..SEEN
        },
        confirmed: true,
        posts: 0,
    };
    assert_eq!(apply(ledger, second, &shared), Written::Done);
    (first, second)
}

fn mtime_ns(stored_state: &StoredState) -> Option<i64> {
    match stored_state {
        StoredState::Confirmed(asset) => Some(asset.version.mtime_ns),
        _ => None,
    }
}

#[test]
fn files_that_share_an_asset_keep_their_own_times() {
    let folder = Folder::new();
    let mut ledger = Ledger::open(&folder.ledger()).unwrap();
    let run = begin(&mut ledger);
    let (first, second) = two_that_share(&mut ledger, run);
    let times = |ledger: &Ledger| {
        [first, second].map(|file| mtime_ns(&ledger.stored_state(file).unwrap()).unwrap())
    };
    assert_eq!(times(&ledger), [7, 70]);
    for (file, mtime_ns, expected) in [(first, 8, [8, 70]), (second, 80, [8, 80])] {
        let asset_id = AssetId::parse("re_1").unwrap();
        let version = FileVersion { mtime_ns, ..SEEN };
        apply(&mut ledger, file, &Fact::Version { asset_id, version });
        assert_eq!(times(&ledger), expected);
    }
}

#[test]
fn a_shared_asset_is_given_up_by_the_last_file_that_changes() {
    for second_first in [false, true] {
        let folder = Folder::new();
        let mut ledger = Ledger::open(&folder.ledger()).unwrap();
        let run = begin(&mut ledger);
        let (mut one, mut other) = two_that_share(&mut ledger, run);
        if second_first {
            std::mem::swap(&mut one, &mut other);
        }
        let superseded = Fact::Abandoned {
            asset_id: AssetId::parse("re_1").unwrap(),
            reason: Reason::Superseded,
        };
        apply(&mut ledger, one, &superseded);
        assert_eq!(ledger.stored_state(one).unwrap(), StoredState::New);
        assert!(mtime_ns(&ledger.stored_state(other).unwrap()).is_some());
        apply(&mut ledger, other, &superseded);
        assert_eq!(ledger.stored_state(other).unwrap(), StoredState::New);
        let duplicate_candidates = ledger
            .duplicate_candidates(one, 5, Some(Sha256([9; 32])))
            .unwrap();
        assert!(
            duplicate_candidates.stored.is_none(),
            "no file uses it any more"
        );
    }
}
