//! Every shape of answer the service is known to give, and what it means.

use std::time::Duration;

use bytes::Bytes;

use super::*;

fn answer(status: u16, content_type: &str, body: &str) -> HttpAnswer {
    let content_type = Some(content_type.to_owned());
    HttpAnswer {
        status,
        content_type,
        body: Bytes::copy_from_slice(body.as_bytes()),
        ..HttpAnswer::default()
    }
}

fn json_meaning(status: u16, body: &str) -> Result<Value, Fault> {
    meaning(Endpoint::Sign, &answer(status, "application/json", body))
}

fn fault(status: u16, body: &str) -> Fault {
    json_meaning(status, body).unwrap_err()
}

fn throttled(ambiguous: bool) -> Fault {
    Fault::Throttled {
        retry_after: None,
        ambiguous,
    }
}

#[test]
fn case_001_too_many_requests_hold_the_endpoint() {
    assert_eq!(fault(429, ""), throttled(false));
    assert_eq!(fault(429, r#"{"code":200,"data":{}}"#), throttled(false));
}

#[test]
fn case_002_a_200_that_says_429_holds_the_endpoint() {
    for code in ["429", r#""0429""#, r#""429""#, "429.0"] {
        assert_eq!(
            fault(200, &format!(r#"{{"code":{code},"msg":"slow down"}}"#)),
            throttled(false),
            "{code}"
        );
    }
    assert_eq!(fault(400, r#"{"code":"0429"}"#), throttled(false));
}

#[test]
fn case_003_the_limit_text_is_an_ambiguous_throttle() {
    let ambiguous = [
        (400, "Request has exceeded the limit."),
        (400, "<p>REQUEST HAS EXCEEDED THE LIMIT.</p>"),
        (
            400,
            r#"{"code":"0001","msg":"sorry: request has exceeded the limit."}"#,
        ),
        (
            400,
            r#"{"code":400,"msg":"Request has exceeded the limit\u002e"}"#,
        ),
        (
            200,
            r#"{"code":400,"msg":"Request has exceeded the limit."}"#,
        ),
        (
            400,
            r#"{"timestamp":1,"status":400,"error":"Request has exceeded the limit."}"#,
        ),
    ];
    for (status, body) in ambiguous {
        assert_eq!(fault(status, body), throttled(true), "{body}");
    }
    assert_eq!(
        fault(400, "name has exceeded"),
        Fault::Rejected(400, "name has exceeded".to_owned())
    );
}

#[test]
fn case_004_what_retry_after_says_goes_with_the_fault() {
    let told = HttpAnswer {
        retry_after: Some("7".to_owned()),
        ..answer(429, "text/plain", "")
    };
    let expected = Fault::Throttled {
        retry_after: Some(Duration::from_secs(7)),
        ambiguous: false,
    };
    assert_eq!(meaning(Endpoint::Sign, &told).unwrap_err(), expected);
}

#[test]
fn case_006_007_008_009_010_trouble_of_the_account() {
    use AccountFault::{BadKey, Disabled, NoPermission, OutOfCredits};
    let table = [
        (401, "", BadKey),
        (200, r#"{"code":"0401"}"#, BadKey),
        (200, r#"{"code":401}"#, BadKey),
        (402, "<html>", OutOfCredits),
        (200, r#"{"code":"0402"}"#, OutOfCredits),
        (403, "no", Disabled),
        (200, r#"{"code":"0403"}"#, Disabled),
        (400, r#"{"code":"0403"}"#, Disabled),
        (200, r#"{"code":"9009"}"#, NoPermission),
        (403, r#"{"code":9009}"#, NoPermission),
    ];
    for (status, body, account) in table {
        assert_eq!(
            fault(status, body),
            Fault::Account(account),
            "{status} {body}"
        );
    }
}

#[test]
fn case_011_012_013_refusals_of_the_request() {
    let words = || "no".to_owned();
    assert_eq!(fault(409, "no"), Fault::Conflict(words()));
    assert_eq!(
        fault(200, r#"{"code":"0409","msg":"no"}"#),
        Fault::Conflict(words())
    );
    assert_eq!(fault(415, "no"), Fault::UnsupportedMedia(words()));
    assert_eq!(
        fault(200, r#"{"code":"0001","msg":"no"}"#),
        Fault::Rejected(400, "0001: no".to_owned())
    );
    assert_eq!(
        fault(400, r#"{"code":"0003","msg":"no"}"#),
        Fault::Rejected(400, "0003: no".to_owned())
    );
    assert_eq!(fault(413, "no"), Fault::Rejected(413, words()));
    assert_eq!(fault(422, "no"), Fault::Rejected(422, words()));
    assert_eq!(
        fault(400, r#"{"code":"77","msg":"no"}"#),
        Fault::Rejected(400, words())
    );
    assert_eq!(fault(408, "no"), Fault::Timeout(words()));
}

#[test]
fn case_013_server_text_is_escaped_cut_and_without_queries() {
    let body = format!(
        "\u{1b}[2J see https://s.example/?sig=canary {}",
        "x".repeat(5000)
    );
    let Fault::Rejected(400, text) = fault(400, &body) else {
        panic!()
    };
    assert!(
        text.starts_with("\\x1b[2J see https://s.example/… xxx"),
        "{text}"
    );
    assert!(text.chars().count() == 300 && !text.contains("canary"));
}

#[test]
fn case_014_server_errors_in_every_shape() {
    let spring =
        r#"{"timestamp":1,"path":"/x","status":503,"error":"Service Unavailable","requestId":"1"}"#;
    let said = |status| Fault::Server(status, "Service Unavailable".to_owned());
    assert_eq!(fault(503, spring), said(503));
    assert_eq!(fault(200, spring), said(503));
    assert_eq!(
        fault(502, "<html>Bad gateway</html>"),
        Fault::Server(502, "a page of markup".to_owned())
    );
    assert_eq!(
        fault(200, r#"{"code":500,"msg":"oops"}"#),
        Fault::Server(500, "oops".to_owned())
    );
    assert_eq!(
        fault(500, ""),
        Fault::Server(500, "HTTP status 500 without words".to_owned())
    );
    assert_eq!(
        fault(500, r#"{"code":"0401"}"#),
        Fault::Server(500, "HTTP status 500 without words".to_owned())
    );
}

#[test]
fn case_015_not_found_depends_on_what_was_asked() {
    let spring = r#"{"status":404,"error":"Not Found"}"#;
    assert_eq!(fault(404, spring), Fault::NotFound("Not Found".to_owned()));
    let told = answer(404, "application/json", spring);
    assert_eq!(
        meaning(Endpoint::Status, &told).unwrap(),
        json!({ "total": 0, "resource": [] })
    );
}

#[test]
fn case_016_a_captive_portal_is_not_json() {
    for kind in ["text/html", "text/plain"] {
        let told = answer(200, kind, "<html>please log in</html>");
        assert_eq!(
            meaning(Endpoint::Sign, &told).unwrap_err(),
            Fault::NotJson(kind.to_owned())
        );
    }
    let bare = HttpAnswer {
        status: 200,
        ..HttpAnswer::default()
    };
    assert_eq!(
        meaning(Endpoint::Sign, &bare).unwrap_err(),
        Fault::NotJson("no content type".to_owned())
    );
}

#[test]
fn case_016a_redirects_name_their_host_alone() {
    let table = [
        (
            Some("https://portal.example:8443/login?token=canary"),
            "portal.example",
        ),
        (Some("//portal.example/login?canary"), "portal.example"),
        (Some("/login?canary"), "itself"),
        (Some("data:canary"), "nowhere"),
        (None, "nowhere"),
    ];
    for (location, host) in table {
        let location = location.map(str::to_owned);
        let told = HttpAnswer {
            status: 302,
            location,
            ..HttpAnswer::default()
        };
        assert_eq!(
            meaning(Endpoint::Sign, &told).unwrap_err(),
            Fault::Redirect(host.to_owned())
        );
    }
}

#[test]
fn case_017_unknown_codes_keep_code_and_words() {
    let api = |code: &str| Fault::Api(code.to_owned(), "odd".to_owned());
    assert_eq!(
        fault(200, r#"{"code":"1234","msg":"odd","success":false}"#),
        api("1234")
    );
    assert_eq!(
        fault(
            200,
            r#"{"code":"E_\u001b","msg":"odd","success":true,"data":{}}"#
        ),
        api("E_\\x1b")
    );
    assert!(matches!(
        fault(200, r#"{"success":false}"#),
        Fault::Protocol(_)
    ));
}

#[test]
fn case_018_success_has_three_codes_and_no_contradiction() {
    for code in ["200", r#""200""#, r#""0000""#, "200.0"] {
        let body = format!(r#"{{"code":{code},"data":{{"a":1}},"success":true,"failed":false}}"#);
        assert_eq!(
            json_meaning(200, &body).unwrap(),
            json!({ "a": 1 }),
            "{code}"
        );
    }
    for flags in [
        r#""failed":true"#,
        r#""success":false"#,
        r#""success":"false""#,
    ] {
        let body = format!(r#"{{"code":200,"data":{{"a":1}},{flags}}}"#);
        assert!(matches!(fault(200, &body), Fault::Protocol(_)), "{flags}");
    }
}

#[test]
fn case_023_strangers_are_tolerated_and_duplicates_refused() {
    let strange = r#" {"zzz":[{}],"data":{"a":1},"msg":null,"failed":null,"code":200} "#;
    assert_eq!(json_meaning(200, strange).unwrap(), json!({ "a": 1 }));
    for body in [
        r#"{"code":200,"code":200,"data":{}}"#,
        r#"{"code":200,"data":{"a":1,"a":2}}"#,
    ] {
        assert!(matches!(fault(200, body), Fault::Protocol(_)), "{body}");
    }
}

#[test]
fn case_024_026_broken_json_is_a_fault_and_no_panic() {
    for body in [
        r#"{"code":200,"data":{"asset"#,
        &"[".repeat(100_000),
        "null",
        "[]",
        "\"200\"",
        "7",
    ] {
        assert!(matches!(fault(200, body), Fault::Protocol(_)));
    }
}

#[test]
fn deleting_gives_null_where_nothing_is_to_be_said() {
    assert_eq!(
        json_meaning(200, r#"{"code":200,"data":null}"#).unwrap(),
        Value::Null
    );
    assert_eq!(json_meaning(200, r#"{"code":200}"#).unwrap(), Value::Null);
}
