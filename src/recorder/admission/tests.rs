use super::*;
use crate::ledger::{Durability, Ledger, Op, Reply};
use crate::model::FileId;
use crate::source::Cells;

fn listing(no: u64, path: &str) -> Listing {
    let (size, mtime_ns) = (5, 7);
    Listing::of(no, path, FileVersion { size, mtime_ns })
}

/// Admits rows as one batch; returns what became of them, and which have ended.
fn admit_all(ledger: &mut Ledger, run: RunId, rows: Vec<Listing>) -> (Vec<Admission>, Vec<u64>) {
    let rows = admissions(ledger, run, rows).unwrap();
    let admitted = rows.iter().map(|row| row.admission.clone()).collect();
    let ops = [Op::Admit { run, rows }];
    let reply = ledger.commit(Durability::Synced, &ops).unwrap().remove(0);
    let Reply::Rows(ended) = reply else {
        panic!("{reply:?}");
    };
    (admitted, ended)
}

#[test]
fn a_row_is_a_duplicate_of_one_before_it_in_its_batch_or_in_an_earlier_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(&folder.path().join("l.db")).unwrap();
    let columns = Cells::encode([b"path".as_slice()]);
    let run = ledger.begin_run(&folder.path().join("r.csv"), columns);
    let run = run.unwrap().id;
    let todo = Admission::Todo { bytes: 5 };
    let failure = RowFailure::new(ErrorCode::NotFound, "no such file");
    let mut gone = listing(3, "/gone.mp4");
    gone.version = Err(failure.clone());
    let rows = vec![
        listing(0, "/a.mp4"),
        listing(1, "/b.mp4"),
        listing(2, "/a.mp4"),
        gone,
        listing(4, "/gone.mp4"),
    ];
    let (admitted, ended) = admit_all(&mut ledger, run, rows);
    let of = Admission::DuplicateOf;
    let refused = Admission::Refused(failure);
    assert_eq!(admitted, [todo.clone(), todo, of(0), refused, of(3)]);
    assert_eq!(ended, [3, 4], "a duplicate ends with the row before it");

    let rows = vec![listing(5, "/b.mp4"), listing(6, "/b.mp4"), listing(7, "")];
    let (admitted, ended) = admit_all(&mut ledger, run, rows);
    assert_eq!(admitted[..2], [of(1), of(1)]);
    assert!(matches!(admitted[2], Admission::Refused(_)));
    assert_eq!(ended, [7]);
    let (file, if_confirmed) = (FileId(2), false);
    let ops = [Op::RowsOf {
        run,
        file,
        if_confirmed,
    }];
    let rows = ledger.commit(Durability::Synced, &ops).unwrap().remove(0);
    assert!(matches!(rows, Reply::Rows(rows) if rows == [1, 5, 6]));
}
