//! Answers in a row, and what they say of the service as a whole.

use super::*;
use crate::rate_limit::policy::PROBE;
use crate::retry::RetryPolicy;

const SECOND: Duration = Duration::from_secs(1);

fn breaker(longest: u64) -> (CircuitBreaker, Instant) {
    let longest = (longest > 0).then(|| SECOND * u32::try_from(longest).unwrap());
    let policy = OutagePolicy::new(&RetryPolicy::default(), longest);
    let now = Instant::now();
    (
        CircuitBreaker::api(policy, "api.example".to_owned(), now),
        now,
    )
}

fn refused() -> Fault {
    Fault::Connect("api.example: connection refused".to_owned())
}

fn server() -> Fault {
    Fault::Server(503, "busy".to_owned())
}

#[test]
fn case_052_ten_failures_in_half_a_minute_of_silence_make_an_outage_and_one_answer_ends_it() {
    let (mut breaker, start) = breaker(7_200);
    assert_eq!(breaker.judge(None, start), BreakerVerdict::PassOn);
    for i in 0..40 {
        let verdict = breaker.judge(Some(&server()), start + SECOND * i);
        let down = i >= 30;
        assert_eq!(
            verdict == BreakerVerdict::Down(PROBE),
            down,
            "second {i}: {verdict:?}"
        );
    }
    assert!(breaker.is_down());
    assert_eq!(
        breaker.judge(None, start + SECOND * 600),
        BreakerVerdict::PassOn
    );
    assert!(!breaker.is_down());
}

#[test]
fn few_failures_or_failures_among_successes_are_no_outage() {
    let (mut breaker, start) = breaker(7_200);
    for i in 0..9 {
        let at = start + SECOND * 60 * i;
        assert_eq!(breaker.judge(Some(&server()), at), BreakerVerdict::PassOn);
    }
    breaker.judge(None, start + SECOND * 900);
    for i in 0..100 {
        let at = start + SECOND * 900 + SECOND / 10 * i;
        assert_eq!(breaker.judge(Some(&server()), at), BreakerVerdict::PassOn);
    }
    let missing = Fault::Rejected(400, String::new());
    breaker.judge(Some(&missing), start + SECOND * 920);
    assert!(!breaker.is_down());
}

#[test]
fn case_053_an_outage_past_the_limit_stops_the_run_and_none_stops_never() {
    let (mut limited, start) = breaker(7_200);
    let (mut endless, _) = breaker(0);
    for breaker in [&mut limited, &mut endless] {
        breaker.judge(None, start);
    }
    for minute in 0..119 {
        let at = start + SECOND * 60 * minute;
        assert!(!matches!(
            limited.judge(Some(&server()), at),
            BreakerVerdict::Stop(_)
        ));
        endless.judge(Some(&server()), at);
    }
    let late = start + SECOND * 7_201;
    let BreakerVerdict::Stop(Fault::Away(text)) = limited.judge(Some(&server()), late) else {
        panic!("the run goes on")
    };
    assert_eq!(text, "api.example could not be reached for 2h 1s: busy");
    assert_eq!(
        endless.judge(Some(&server()), late),
        BreakerVerdict::Down(PROBE)
    );
}

#[test]
fn case_043_an_api_that_was_never_there_stops_the_run_soon() {
    let (mut breaker, start) = breaker(7_200);
    assert_eq!(
        breaker.judge(Some(&refused()), start),
        BreakerVerdict::PassOn
    );
    assert_eq!(
        breaker.judge(Some(&refused()), start + SECOND),
        BreakerVerdict::PassOn
    );
    let verdict = breaker.judge(Some(&refused()), start + SECOND * 30);
    let text = "cannot connect to api.example: connection refused".to_owned();
    assert_eq!(verdict, BreakerVerdict::Stop(Fault::Away(text)));
    let policy = OutagePolicy::new(&RetryPolicy::default(), None);
    let mut storage = CircuitBreaker::storage(policy, start);
    for i in 0..9 {
        let at = start + SECOND * 30 * i;
        assert_eq!(
            storage.judge(Some(&refused()), at),
            BreakerVerdict::PassOn,
            "case 44"
        );
    }
}

#[test]
fn case_054_a_proxy_that_bars_the_way_is_an_outage_from_its_first_failure() {
    let text = "proxy gate.example: connection refused";
    let barred = Fault::Proxy(text.to_owned());
    let (mut breaker, start) = breaker(0);
    for probe in 0..10 {
        let verdict = breaker.judge(Some(&barred), start + SECOND * 3 * probe);
        assert_eq!(verdict, BreakerVerdict::Down(SECOND * 3));
    }
    let verdict = breaker.judge(Some(&barred), start + SECOND * 30);
    let cause = Fault::Away(format!("cannot connect to {text}"));
    assert_eq!(verdict, BreakerVerdict::Stop(cause));

    let policy = OutagePolicy::new(&RetryPolicy::default(), Some(SECOND * 7_200));
    let mut storage = CircuitBreaker::storage(policy, start);
    storage.judge(Some(&barred), start);
    assert!(storage.is_down());
    storage.judge(None, start + SECOND * 3);
    assert!(!storage.is_down());
    storage.judge(Some(&barred), start + SECOND * 60);
    let BreakerVerdict::Stop(Fault::Away(words)) =
        storage.judge(Some(&barred), start + SECOND * 7_260)
    else {
        panic!("the run goes on")
    };
    assert_eq!(
        words,
        format!("storage could not be reached for 2h: {text}")
    );
}

#[test]
fn case_015_016a_046_what_the_first_answers_say_about_the_address() {
    let redirect = Fault::Redirect("login.example".to_owned());
    let distrust = Fault::Tls("api.example: certificate: use --ca-cert".to_owned());
    let table = [
        (
            Fault::NotFound(String::new()),
            "no MAVI API at api.example: check --base-url",
        ),
        (
            redirect,
            "api.example redirects to login.example: check --base-url or log in to the network",
        ),
        (distrust, "api.example: certificate: use --ca-cert"),
    ];
    for (fault, words) in table {
        let (mut fresh, start) = breaker(0);
        let setup = BreakerVerdict::Stop(Fault::Setup(words.to_owned()));
        assert_eq!(fresh.judge(Some(&fault), start), setup);
        let (mut later, start) = breaker(0);
        later.judge(None, start);
        let verdict = later.judge(Some(&fault), start);
        let expected = match fault {
            Fault::Tls(text) => BreakerVerdict::Stop(Fault::Away(text)),
            _ => BreakerVerdict::PassOn,
        };
        assert_eq!(verdict, expected);
    }
}

#[test]
fn case_006_007_a_key_is_tried_once_more_only_when_it_has_worked() {
    let bad_key = Fault::Account(AccountFault::BadKey);
    let (mut breaker, start) = breaker(0);
    assert_eq!(breaker.judge(Some(&bad_key), start), BreakerVerdict::PassOn);
    breaker.judge(None, start);
    assert_eq!(
        breaker.judge(Some(&bad_key), start),
        BreakerVerdict::AskAgain
    );
    breaker.judge(None, start);
    assert_eq!(breaker.judge(Some(&bad_key), start), BreakerVerdict::PassOn);
    breaker.key_works();
    assert_eq!(
        breaker.judge(Some(&bad_key), start),
        BreakerVerdict::AskAgain
    );
}
