//! The checks that judge an answer, one fact each.

use jiff::Timestamp;

use super::*;
use crate::api::{AccountFault, Address, Fault, Probe, StatusAnswer};
use crate::model::Rates;

fn probe(answer: Result<StatusAnswer, Fault>) -> Probe {
    Probe {
        date: Some(Timestamp::UNIX_EPOCH),
        status: Some(200),
        answer,
    }
}

#[test]
fn each_answer_is_judged_by_what_a_run_would_end_with() {
    let outage = Grade::Fail(Blame::Outage);
    let table = [
        (Ok(StatusAnswer::Absent), Grade::Ok),
        (
            Err(Fault::Account(AccountFault::OutOfCredits)),
            Grade::Fail(Blame::Account),
        ),
        (
            Err(Fault::Redirect("login.example".to_owned())),
            Grade::Fail(Blame::Setup),
        ),
        (Err(Fault::NotJson("text/html".to_owned())), outage),
        (Err(Fault::Server(503, "busy".to_owned())), outage),
        (
            Err(Fault::Throttled {
                retry_after: None,
                ambiguous: false,
            }),
            Grade::Warn,
        ),
        (
            Err(Fault::Api("0003".to_owned(), "no such asset".to_owned())),
            Grade::Warn,
        ),
    ];
    for (look, grade) in table {
        let finding = account("api.example", &probe(look));
        assert_eq!(finding.grade, grade, "{finding:?}");
    }
    // A status of 404 reads as an unknown asset, and a wrong path answers so as well.
    let unsure = Probe {
        status: Some(404),
        ..probe(Ok(StatusAnswer::Absent))
    };
    assert_eq!(account("api.example", &unsure).grade, Grade::Warn);
}

#[test]
fn a_clock_may_be_off_by_a_minute() {
    let theirs = probe(Ok(StatusAnswer::Absent));
    let at = |seconds: i64| Timestamp::from_second(seconds).unwrap();
    let table = [
        (0, "agrees with the service's"),
        (60, "agrees with the service's"),
        (-60, "agrees with the service's"),
        (61, "61 s ahead of the service's"),
        (-3_600, "3600 s behind the service's"),
    ];
    for (seconds, says) in table {
        let finding = clock(&theirs, at(seconds));
        assert_eq!(finding.says, says);
        assert_eq!(finding.grade == Grade::Warn, seconds.abs() > 60);
    }
    let silent = Probe {
        date: None,
        ..theirs
    };
    assert_eq!(clock(&silent, at(3_600)).grade, Grade::Ok);
}

#[test]
fn case_046_a_certificate_that_is_not_trusted_is_a_matter_of_setup() {
    let address = Address::parse("https://api.example", &[]).unwrap();
    let distrusted = probe(Err(Fault::Tls("use --ca-cert".to_owned())));
    let grade = trust(&address, &distrusted).grade;
    assert_eq!(grade, Grade::Fail(Blame::Setup));
    let cut = Probe {
        status: None,
        ..probe(Err(Fault::Broken("reset by peer".to_owned())))
    };
    assert_eq!(trust(&address, &cut).grade, Grade::Fail(Blame::Outage));
}

#[test]
fn limits_above_the_documented_ones_are_told() {
    let documented = Rates::default();
    assert_eq!(limits(&documented).grade, Grade::Ok);
    for wrong in [0.0, 1.5] {
        let rates = Rates {
            poll: wrong,
            ..documented
        };
        assert_eq!(limits(&rates).grade, Grade::Warn, "{wrong}");
    }
}

#[tokio::test]
async fn case_055_a_family_that_is_dead_is_told_and_the_other_is_enough() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let live = listener.local_addr().unwrap();
    let peer = Address::parse(&format!("http://{live}"), &[])
        .unwrap()
        .peer();
    let (names, found) = names(&peer).await;
    assert_eq!((names.grade, found.as_slice()), (Grade::Ok, &[live][..]));
    // Bound and not listening: no one else can have the port.
    let closed = tokio::net::TcpSocket::new_v6().unwrap();
    if closed.bind("[::1]:0".parse().unwrap()).is_err() {
        return;
    }
    let dead = closed.local_addr().unwrap();
    assert_eq!(connection(&peer, &[live]).await.grade, Grade::Ok);
    let both = connection(&peer, &[dead, live]).await;
    assert_eq!(both.grade, Grade::Warn, "{both:?}");
    let none = connection(&peer, &[dead]).await;
    assert_eq!(none.grade, Grade::Fail(Blame::Outage));
}

#[test]
fn case_113_123_what_stands_in_the_way_on_disk_is_told_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let (report_path, ledger_path) = (path("r.csv"), path("l.db"));
    assert_eq!(report(&report_path, &ledger_path).grade, Grade::Ok);
    assert_eq!(ledger(&ledger_path, None).grade, Grade::Ok);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);

    let missing = path("none").join("r.csv");
    let setup = Grade::Fail(Blame::Setup);
    assert_eq!(report(&missing, &ledger_path).grade, setup);
    assert_eq!(ledger(&missing, None).grade, setup);

    let held = crate::ledger::Ledger::open(&ledger_path).unwrap();
    let in_use = ledger(&ledger_path, None);
    assert_eq!(in_use.grade, Grade::Fail(Blame::Local));
    assert!(in_use.says.contains("in use by pid"), "{in_use:?}");
    drop(held);
    assert_eq!(ledger(&ledger_path, None).grade, Grade::Ok);
    std::fs::write(&ledger_path, [7; 5000]).unwrap();
    let damaged = ledger(&ledger_path, None);
    assert_eq!(damaged.grade, Grade::Fail(Blame::Local), "{damaged:?}");
    assert!(space("space", &ledger_path).grade != Grade::Skip);
}
