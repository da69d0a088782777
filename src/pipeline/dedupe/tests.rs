use super::*;

const SIZE: u64 = 9;
const ONE: Sha256 = Sha256([1; 32]);
const TWO: Sha256 = Sha256([2; 32]);

fn stamp() -> FileStamp {
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(SIZE).unwrap();
    FileStamp::of(&file.as_file().metadata().unwrap())
}

fn granted(answer: ClaimAnswer) -> ContentClaim {
    match answer {
        ClaimAnswer::Granted(claim) => claim,
        other => panic!("{other:?}"),
    }
}

fn waits(answer: ClaimAnswer) -> CancellationToken {
    match answer {
        ClaimAnswer::Wait(ended) => ended,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_first_of_its_size_goes_unread_and_others_wait_until_its_digest_shows() {
    let claims = Arc::new(ContentClaims::default());
    let mut first = granted(claims.claim_file(FileId(1), &stamp(), None));
    let shows = waits(claims.claim_file(FileId(2), &stamp(), None));
    assert!(!shows.is_cancelled());
    first.set_digest(ONE);
    assert!(shows.is_cancelled());
    assert!(matches!(
        claims.claim_file(FileId(2), &stamp(), None),
        ClaimAnswer::Read
    ));
    let ended = waits(claims.claim_file(FileId(2), &stamp(), Some(ONE)));
    let other = granted(claims.claim_file(FileId(3), &stamp(), Some(TWO)));
    assert!(
        claims.is_claimed(FileId(1))
            && claims.is_claimed(FileId(3))
            && !claims.is_claimed(FileId(2))
    );
    drop(first);
    assert!(ended.is_cancelled());
    let second = granted(claims.claim_file(FileId(2), &stamp(), Some(ONE)));
    drop((second, other));
    let alone = granted(claims.claim_file(FileId(4), &stamp(), None));
    assert_eq!(alone.digest(), None);
}

#[test]
fn a_claim_ends_with_a_panic() {
    let claims = Arc::new(ContentClaims::default());
    let theirs = Arc::clone(&claims);
    let task = std::thread::spawn(move || {
        let _claim = granted(theirs.claim_file(FileId(1), &stamp(), None));
        panic!("on purpose");
    });
    assert!(task.join().is_err());
    granted(claims.claim_file(FileId(2), &stamp(), None));
}
