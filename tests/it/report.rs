//! The report as a projection: whatever became of the file, the ledger gives it back.

use std::fs;
use std::path::PathBuf;

use mavi_upload::source::{Candidate, Cells, Source};

use crate::common::{Bench, read_report, sandbox, upload};

/// A source that looks at the report before it names its first file.
struct Watching<S> {
    source: S,
    report: PathBuf,
    rows: usize,
}

impl<S: Source> Iterator for Watching<S> {
    type Item = Candidate;

    fn next(&mut self) -> Option<Candidate> {
        assert_eq!(read_report(&self.report).len(), self.rows);
        self.source.next()
    }
}

impl<S: Source> Source for Watching<S> {
    fn columns(&self) -> &Cells {
        self.source.columns()
    }
}

#[tokio::test]
async fn case_112_a_report_that_was_cut_or_deleted_is_whole_again_before_the_next_run_reads_its_input()
 {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    (0..3).for_each(|i| drop(bench.file(&format!("{i}.mp4"), 1000)));
    upload(bench.settings(&sandbox), bench.walk())
        .await
        .unwrap();
    let whole = fs::read(bench.report()).unwrap();
    let calls = sandbox.stats().calls.total();
    for cut in [Some(whole.len() / 2), None] {
        match cut {
            Some(length) => fs::write(bench.report(), &whole[..length]).unwrap(),
            None => fs::remove_file(bench.report()).unwrap(),
        }
        let source = Watching {
            source: bench.walk_source(),
            report: bench.report(),
            rows: 3,
        };
        let summary = upload(bench.settings(&sandbox), Box::new(source)).await;
        assert_eq!(summary.unwrap().counts.success, 3);
        assert_eq!(fs::read(bench.report()).unwrap(), whole);
    }
    assert_eq!(sandbox.stats().calls.total(), calls);
}
