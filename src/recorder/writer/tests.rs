use super::*;
use crate::model::Pass;
use crate::source::Cells;

#[tokio::test]
async fn a_question_does_not_pass_for_news_of_the_listing() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.csv");
    let mut ledger = Ledger::open(&folder.path().join("ledger.db")).unwrap();
    let run = ledger
        .begin_run(&report, Cells::encode([b"path".as_slice()]))
        .unwrap();
    let tail = Tail::begin(&run, None, &ledger).unwrap();
    let (events, _listener) = Events::channel();
    let (recorder, writer) = recorder(ledger, run, tail, events, Shutdown::new());
    let writing = tokio::spawn(writer.run());
    let listing = recorder.listing();
    assert!(
        recorder
            .jobs(Pass::First, None, 1)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(!listing.has_changed().unwrap());
    drop(recorder);
    writing.await.unwrap().unwrap();
}
