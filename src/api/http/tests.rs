//! The API's client against a server of a few lines: what leaves, and what failures are called.

use super::super::fake::{KEY, Wire, header, http, id, settings};
use super::*;

#[tokio::test]
async fn signing_sends_the_bare_key_and_the_name() {
    let body = r#"{"code":200,"data":{"asset_id":"re_1","signed_url":"https://s.example/x","expires_in":5}}"#;
    let wire = Wire::patient(http("200 OK", "", body)).await;
    let allotment = wire.service().sign("ä \"1\".mp4").await.unwrap();
    assert_eq!(
        (allotment.asset_id, allotment.expires_in),
        (id(), Duration::from_secs(5))
    );
    let received = wire.received().remove(0);
    assert!(
        received.starts_with("POST /v2/upload/signed-url HTTP/1.1\r\n"),
        "{received}"
    );
    assert!(
        received.ends_with("\r\n\r\n{\"original_filename\":\"ä \\\"1\\\".mp4\"}"),
        "{received}"
    );
    assert_eq!(header(&received, "authorization"), Some(KEY));
    assert_eq!(header(&received, "content-type"), Some("application/json"));
}

#[tokio::test]
async fn case_140_no_compression_is_asked_for() {
    let body = r#"{"code":200,"data":{"total":0}}"#;
    let wire = Wire::patient(http("200 OK", "", body)).await;
    assert_eq!(wire.service().status(&id()).await, Ok(StatusAnswer::Absent));
    let received = wire.received().remove(0);
    assert!(
        received.starts_with("GET /v2/re_1/metadata HTTP/1.1\r\n"),
        "{received}"
    );
    assert_eq!(header(&received, "accept-encoding"), None);
}

#[tokio::test]
async fn case_024_an_answer_cut_in_its_body_is_broken() {
    let wire = Wire::patient("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"code\":200").await;
    assert!(matches!(
        wire.service().status(&id()).await,
        Err(Fault::Broken(_))
    ));
    let wire = Wire::patient("HTTP/1.1 401 x\r\nContent-Length: 99\r\n\r\n{\"code").await;
    assert!(matches!(
        wire.service().status(&id()).await,
        Err(Fault::Account(_))
    ));
}

#[tokio::test]
async fn a_call_without_an_answer_times_out() {
    let wire = Wire::hasty("").await;
    let mut settings = settings(&format!("http://{}", wire.at));
    settings.call_timeout = Duration::from_millis(50);
    settings.download_stall = Duration::from_millis(50);
    let service = HttpService::new(settings).unwrap();
    assert!(matches!(
        service.status(&id()).await,
        Err(Fault::Timeout(_))
    ));
    assert!(matches!(
        service.download(&id(), &mut |_| ()).await,
        Err(Fault::Timeout(_))
    ));
}

#[tokio::test]
async fn deleting_names_the_asset() {
    let wire = Wire::patient(http("200 OK", "", r#"{"code":200,"data":null}"#)).await;
    assert_eq!(wire.service().delete(&id()).await, Ok(()));
    assert!(wire.received()[0].starts_with("DELETE /v2/re_1 HTTP/1.1\r\n"));
}

#[tokio::test]
async fn downloads_give_bytes_or_a_fault() {
    let wire = Wire::patient(http("200 OK", "Content-Type: video/mp4\r\n", "bytes")).await;
    let mut got = Vec::new();
    let length = wire
        .service()
        .download(&id(), &mut |chunk| got.extend_from_slice(chunk))
        .await;
    assert_eq!((length, got.as_slice()), (Ok(5), &b"bytes"[..]));
    let wire = Wire::patient(http(
        "200 OK",
        "Content-Type: application/json\r\n",
        r#"{"code":"0402"}"#,
    ))
    .await;
    assert!(matches!(
        wire.service().download(&id(), &mut |_| ()).await,
        Err(Fault::Account(_))
    ));
}

#[test]
fn case_141_certificates_that_are_none_are_refused() {
    for pem in [
        "",
        "nonsense",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        let settings = HttpSettings {
            ca_pem: Some(pem.into()),
            ..settings("https://mavi.example")
        };
        let error = HttpService::new(settings).unwrap_err();
        assert!(matches!(error, HttpBuildError::CaCert(_)), "{error:?}");
    }
}
