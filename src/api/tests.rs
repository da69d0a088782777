//! Uploads against a server of a few lines: what leaves, what stays unsaid, how they end.

use std::time::Duration;

use tokio::net::TcpListener;

use super::fake::{KEY, Wire, body_of, header, http, id, service_at, without_canary};
use super::{Fault, HttpService, SendFault, Service};
use crate::model::{Sha256, SignedUrl};

async fn send(service: &HttpService, url: &SignedUrl) -> Result<(), SendFault> {
    let (_file, body) = body_of(b"bytes", None);
    service.send(url, body).await
}

#[tokio::test]
async fn case_134_storage_is_told_nothing_but_the_file() {
    let wire = Wire::patient(http(
        "200 OK",
        "Set-Cookie: a=b\r\n",
        "File uploaded successfully",
    ))
    .await;
    let service = wire.service();
    for _ in 0..2 {
        assert_eq!(send(&service, &wire.signed()).await, Ok(()));
    }
    for received in wire.received() {
        assert!(
            received.starts_with("POST /bucket/object?signature=canary HTTP/1.1\r\n"),
            "{received}"
        );
        let kind = header(&received, "content-type").unwrap();
        assert!(
            kind.starts_with("multipart/form-data; boundary="),
            "{received}"
        );
        let body = received.split_once("\r\n\r\n").unwrap().1;
        assert!(body.contains("\r\n\r\nbytes\r\n--"), "{received}");
        assert_eq!(
            header(&received, "content-length"),
            Some(body.len().to_string().as_str())
        );
        for unwanted in [
            "authorization",
            "cookie",
            "referer",
            "accept-encoding",
            "transfer-encoding",
        ] {
            assert_eq!(header(&received, unwanted), None);
        }
    }
}

#[tokio::test]
async fn case_016a_034_redirects_are_not_followed() {
    for status in ["301 x", "302 x", "303 x", "307 x", "308 x"] {
        let target = Wire::patient(http("200 OK", "", "welcome")).await;
        let location = format!(
            "Location: http://localhost:{}/?canary\r\n",
            target.at.port()
        );
        let wire = Wire::patient(http(status, &location, "")).await;
        let fault = Fault::Redirect("localhost".to_owned());
        let sent = send(&wire.service(), &wire.signed()).await;
        assert_eq!(sent, Err(SendFault::Refused(fault.clone())));
        assert_eq!(wire.service().status(&id()).await, Err(fault));
        assert!(target.received().is_empty());
    }
}

#[tokio::test]
async fn case_025_endless_answers_are_cut_off() {
    let body = " ".repeat(1024 * 1024 + 1);
    let wire = Wire::patient(http("200 OK", "", &body)).await;
    let fault = Fault::Protocol("an answer of more than 1024 KiB".to_owned());
    assert_eq!(wire.service().status(&id()).await, Err(fault));
    assert_eq!(send(&wire.service(), &wire.signed()).await, Ok(()));
    let wire = Wire::patient(http("503 x", "", &body)).await;
    assert!(matches!(
        wire.service().status(&id()).await,
        Err(Fault::Server(503, _))
    ));
}

#[tokio::test]
async fn case_022_a_lost_answer_is_a_broken_connection() {
    let wire = Wire::patient("").await;
    assert!(matches!(
        without_canary(wire.service().sign("x").await.unwrap_err()),
        Fault::Broken(_)
    ));
    let sent = without_canary(send(&wire.service(), &wire.signed()).await);
    assert!(
        matches!(sent, Err(SendFault::Refused(Fault::Broken(_)))),
        "{sent:?}"
    );
    assert_eq!(wire.received().len(), 2, "nothing is retried");
}

#[tokio::test]
async fn case_049_a_2xx_head_counts_whatever_follows_it() {
    let wire = Wire::patient("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nFile").await;
    assert_eq!(send(&wire.service(), &wire.signed()).await, Ok(()));
}

#[tokio::test]
async fn case_043_044_no_connection_names_the_host_and_the_cause() {
    let closed = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let service = service_at(&format!("http://{closed}/canary"));
    let Fault::Connect(text) = without_canary(service.status(&id()).await.unwrap_err()) else {
        panic!()
    };
    assert!(
        text.starts_with(&format!("{closed}: ")) && text.contains("refused"),
        "{text}"
    );
    let url = SignedUrl::parse("https://storage.invalid/canary?canary").unwrap();
    let sent = without_canary(send(&service, &url).await.unwrap_err());
    assert!(
        matches!(sent, SendFault::Refused(Fault::Connect(text)) if text.starts_with("storage.invalid: "))
    );
}

#[tokio::test]
async fn case_040_an_early_2xx_ends_the_body_too() {
    let wire = Wire::hasty(http("200 OK", "", "")).await;
    let (_file, body) = body_of(&vec![0; 64 * 1024 * 1024], None);
    let progress = body.progress().clone();
    assert_eq!(
        wire.service().send(&wire.signed(), body).await,
        Err(SendFault::Early)
    );
    tokio::time::sleep(Duration::from_millis(20)).await;
    let taken = progress.taken();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(
        progress.taken(),
        taken,
        "nothing is sent once the call is over"
    );
    assert!(!progress.is_complete());
}

#[tokio::test]
async fn case_072_our_own_end_of_the_body_is_told_from_theirs() {
    let wire = Wire::patient(http("200 OK", "", "")).await;
    let expected = Some(Sha256([0; 32]));
    let (_file, wrong) = body_of(b"bytes", expected);
    assert_eq!(
        wire.service().send(&wire.signed(), wrong).await,
        Err(SendFault::Aborted)
    );
    let (_file, wrong) = body_of(b"bytes", expected);
    assert_eq!(wire.service().direct(wrong).await, Err(SendFault::Aborted));
}

#[tokio::test]
async fn case_132_nothing_is_sent_where_nothing_may_be_sent() {
    let wire = Wire::patient(http("200 OK", "", "")).await;
    let sent = send(&service_at("https://mavi.example"), &wire.signed()).await;
    assert!(matches!(
        without_canary(sent),
        Err(SendFault::Refused(Fault::InsecureUrl(_)))
    ));
    assert!(wire.received().is_empty());
}

#[tokio::test]
async fn direct_uploads_carry_the_key_and_give_the_id() {
    let wire = Wire::patient(http(
        "200 OK",
        "",
        r#"{"code":"0000","data":{"asset_id":"re_1"}}"#,
    ))
    .await;
    let (_file, body) = body_of(b"bytes", None);
    let length = body.length().to_string();
    assert_eq!(wire.service().direct(body).await, Ok(id()));
    let received = wire.received().remove(0);
    assert!(
        received.starts_with("POST /v2/upload HTTP/1.1\r\n"),
        "{received}"
    );
    assert_eq!(header(&received, "authorization"), Some(KEY));
    assert_eq!(header(&received, "content-length"), Some(length.as_str()));
}

#[tokio::test]
async fn case_130_words_that_repeat_a_secret_are_told_without_it() {
    let wire = Wire::patient(http(
        "422 x",
        "",
        "no: sk-mavi-canary?signature=canary at https://h/?canary",
    ))
    .await;
    let service = wire.service();
    let wire_url = wire.signed();
    without_canary(send(&service, &wire_url).await.unwrap_err());
    let wire = Wire::patient(http("422 x", "", "bad key sk-mavi-canary")).await;
    let fault = without_canary(wire.service().sign("x").await.unwrap_err());
    assert_eq!(fault, Fault::Rejected(422, "bad key (the key)".to_owned()));
    without_canary(wire.service());
}
