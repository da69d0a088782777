//! What storage's answers mean, as a table.

use super::*;

fn answer(status: u16, body: &str) -> HttpAnswer {
    HttpAnswer {
        status,
        body: Bytes::copy_from_slice(body.as_bytes()),
        ..HttpAnswer::default()
    }
}

fn judged(status: u16, body: &str) -> Result<(), SendFault> {
    verdict(&answer(status, body), true)
}

fn refused(status: u16, body: &str) -> Fault {
    match judged(status, body) {
        Err(SendFault::Refused(fault)) => fault,
        other => panic!("{status} {body}: {other:?}"),
    }
}

#[test]
fn case_027_expiry_is_told_from_the_text() {
    for (status, body) in [
        (403, "URL EXPIRED"),
        (400, "Policy expired."),
        (400, "<Code>ExpiredToken</Code>"),
    ] {
        assert!(
            matches!(
                judged(status, body),
                Err(SendFault::Denied { expired: true, .. })
            ),
            "{body}"
        );
    }
    assert_eq!(
        refused(400, "bad form"),
        Fault::Rejected(400, "bad form".to_owned())
    );
}

#[test]
fn case_028_other_denials() {
    let body = "<?xml version='1.0'?><Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error>";
    let text = "SignatureDoesNotMatch: no".to_owned();
    assert_eq!(
        judged(403, body),
        Err(SendFault::Denied {
            expired: false,
            text
        })
    );
}

#[test]
fn case_031_any_2xx_is_sent() {
    for (status, body) in [
        (200, "File uploaded successfully"),
        (201, ""),
        (204, ""),
        (200, "{\"ok\":1}"),
        (200, "<html>"),
    ] {
        assert_eq!(judged(status, body), Ok(()), "{status} {body}");
    }
    assert_eq!(judged(200, r#"{"code":200,"data":null}"#), Ok(()));
}

#[test]
fn case_173_codes_of_storages_own_are_sent() {
    for body in [
        r#"{"code":"OK"}"#,
        r#"{"code":"Success","msg":"stored"}"#,
        r#"{"code":7}"#,
        r#"{"code":""}"#,
        r#"{"status":"done"}"#,
        "[]",
        "stored",
        "",
    ] {
        for status in [200, 201, 202, 204] {
            assert_eq!(judged(status, body), Ok(()), "{status} {body}");
        }
        let early = verdict(&answer(200, body), false);
        assert_eq!(early, Err(SendFault::Early), "{body}");
    }
}

#[test]
fn case_032_an_error_within_200_is_a_500() {
    let body = "<?xml version='1.0'?><Error><Code>InternalError</Code></Error>";
    assert_eq!(
        refused(200, body),
        Fault::Server(500, "InternalError".to_owned())
    );
    assert_eq!(
        refused(200, r#"{"code":500,"msg":"x"}"#),
        Fault::Server(500, "x".to_owned())
    );
    assert!(matches!(
        refused(200, r#"{"code":"0401"}"#),
        Fault::Rejected(200, _)
    ));
}

#[test]
fn case_033_storage_can_be_met_too_fast() {
    let throttled = |ambiguous| Fault::Throttled {
        retry_after: None,
        ambiguous,
    };
    assert_eq!(refused(429, ""), throttled(false));
    assert_eq!(
        refused(503, "<Error><Code>SlowDown</Code></Error>"),
        throttled(false)
    );
    assert_eq!(refused(200, r#"{"code":"0429"}"#), throttled(false));
    assert_eq!(
        refused(400, "Request has exceeded the limit."),
        throttled(true)
    );
}

#[test]
fn case_034_035_036_037_other_refusals() {
    for status in [301, 302, 303, 307, 308] {
        let location = Some("https://x.example/?sig=canary".to_owned());
        let told = HttpAnswer {
            location,
            ..answer(status, "")
        };
        let redirect = Fault::Redirect("x.example".to_owned());
        assert_eq!(verdict(&told, true), Err(SendFault::Refused(redirect)));
    }
    for status in [409, 412] {
        assert!(matches!(judged(status, "there"), Err(SendFault::Exists(_))));
    }
    for status in [401, 404, 405, 411, 413, 415, 422] {
        assert_eq!(
            refused(status, "no"),
            Fault::Rejected(status, "no".to_owned())
        );
    }
    assert_eq!(refused(408, "slow"), Fault::Timeout("slow".to_owned()));
    for status in [500, 502, 503, 504] {
        assert_eq!(
            refused(status, "no"),
            Fault::Server(status, "no".to_owned())
        );
    }
}

#[test]
fn case_040_a_2xx_before_the_end_is_no_success() {
    assert_eq!(
        verdict(&answer(200, "File uploaded successfully"), false),
        Err(SendFault::Early)
    );
}

#[test]
fn case_130_quoted_signatures_are_taken_out() {
    let url = SignedUrl::parse("https://s.example/x?sig=ca%2Fnary12&exp=99").unwrap();
    let told = answer(403, "ca%2Fnary12 ca/nary12 sig=ca%2Fnary12&exp=99 at 99");
    assert_eq!(without_secrets(told, &url).words(), "… … … at 99");
}
