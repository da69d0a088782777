use super::*;
use crate::api::SendFault;

fn answer_lost_after(result: Result<(), SendFault>, begun: bool) -> bool {
    let mut attempts = Attempts::new(RetryPolicy::default(), 0);
    attempts.count_post(&SendReport {
        result,
        begun,
        digest: None,
        body_fault: None,
    });
    attempts.answer_lost()
}

#[test]
fn only_an_upload_whose_answer_may_have_been_lost_makes_the_next_one_wait_for_it() {
    let text = String::new;
    let throttled = Fault::Throttled {
        retry_after: None,
        ambiguous: false,
    };
    for plain in [throttled, Fault::Server(503, text())] {
        assert!(!answer_lost_after(Err(SendFault::Refused(plain)), true));
    }
    let broken = Fault::Broken(text());
    let timeout = Fault::Timeout(text());
    for lost in [broken.clone(), timeout] {
        assert!(answer_lost_after(Err(SendFault::Refused(lost)), true));
    }
    assert!(answer_lost_after(Err(SendFault::Exists(text())), true));
    assert!(!answer_lost_after(Err(SendFault::Refused(broken)), false));
}
