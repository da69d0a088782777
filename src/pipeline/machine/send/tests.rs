use super::*;
use crate::model::StoredState;
use crate::retry::RetryPolicy;

fn doubted_after(result: Result<(), SendFault>, begun: bool) -> bool {
    let mut machine = UploadMachine::resume(StoredState::New, None, None, RetryPolicy::default());
    machine.posted(&SendReport {
        result,
        begun,
        digest: None,
        body_fault: None,
    });
    machine.doubted()
}

#[test]
fn only_an_upload_whose_answer_may_have_been_lost_makes_the_next_one_wait_for_it() {
    let text = String::new;
    let throttled = Fault::Throttled {
        retry_after: None,
        ambiguous: false,
    };
    for plain in [throttled, Fault::Server(503, text())] {
        assert!(!doubted_after(Err(SendFault::Refused(plain)), true));
    }
    let broken = Fault::Broken(text());
    let timeout = Fault::Timeout(text());
    for lost in [broken.clone(), timeout] {
        assert!(doubted_after(Err(SendFault::Refused(lost)), true));
    }
    assert!(doubted_after(Err(SendFault::Exists(text())), true));
    assert!(!doubted_after(Err(SendFault::Refused(broken)), false));
}
