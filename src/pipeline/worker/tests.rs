use super::*;
use crate::api::HttpService;

/// The most bytes a worker may take by itself while it waits for confirmation.
const WAITING: usize = 2560;

fn size_of_result<L, F>(_: impl FnOnce(L) -> F) -> usize {
    size_of::<F>()
}

#[test]
fn a_worker_that_waits_holds_no_memory_for_an_upload() {
    let size = size_of_result(FileWorker::<HttpService>::run);
    assert!(size <= WAITING, "{size} bytes");
}
