//! The report as a projection: whatever became of the file, the ledger gives it back.

use std::fs;
use std::sync::{Arc, Mutex};

use mavi_upload::source::{Candidate, Cells, Source};

use crate::common::{Bench, read_report, sandbox, upload};

/// A source that has the report looked at before it names a file.
struct Watching<S> {
    source: S,
    look: Box<dyn Fn() + Send>,
}

impl<S: Source> Iterator for Watching<S> {
    type Item = Candidate;

    fn next(&mut self) -> Option<Candidate> {
        (self.look)();
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
            look: {
                let report = bench.report();
                Box::new(move || assert_eq!(read_report(&report).len(), 3))
            },
        };
        let summary = upload(bench.settings(&sandbox), Box::new(source)).await;
        assert_eq!(summary.unwrap().counts.success, 3);
        assert_eq!(fs::read(bench.report()).unwrap(), whole);
    }
    assert_eq!(sandbox.stats().calls.total(), calls);
}

#[cfg(unix)]
#[tokio::test]
async fn a_report_that_stands_whole_is_not_made_again_before_the_input_is_read() {
    use std::os::unix::fs::MetadataExt;

    let (bench, sandbox) = (Bench::new(), sandbox().await);
    (0..3).for_each(|i| drop(bench.file(&format!("{i}.mp4"), 1000)));
    upload(bench.settings(&sandbox), bench.walk())
        .await
        .unwrap();
    let before = fs::metadata(bench.report()).unwrap().ino();
    let (report, seen) = (bench.report(), Arc::new(Mutex::new(Vec::new())));
    let source = Watching {
        source: bench.walk_source(),
        look: {
            let seen = Arc::clone(&seen);
            Box::new(move || {
                seen.lock()
                    .unwrap()
                    .push(fs::metadata(&report).unwrap().ino());
            })
        },
    };
    upload(bench.settings(&sandbox), Box::new(source))
        .await
        .unwrap();
    assert_eq!(*seen.lock().unwrap(), [before; 4]);
}
