use super::super::fake::body_of;
use super::super::{Fault, SendFault, storage};
use super::*;
use crate::model::SignedUrl;
use reqwest::Client;
use std::sync::Arc;
use std::time::Duration;

/// A name server with names of its own.
fn resolver(base: &str, storage_hosts: &[String]) -> StorageResolver {
    StorageResolver {
        address: Address::parse(base, storage_hosts).unwrap(),
        look_up: |host| {
            let ips: &[&str] = match host.as_str() {
                "loopback.example" => &["127.0.0.1"],
                "cloud.example" => &["169.254.169.254", "fe80::1"],
                "mapped.example" => &["::ffff:10.0.0.1"],
                "mixed.example" => &["192.168.1.1", "93.184.216.34"],
                _ => &["93.184.216.34"],
            };
            let found = ips
                .iter()
                .map(|ip| (ip.parse::<IpAddr>().unwrap(), 0).into());
            let found = found.collect();
            Box::pin(async { Ok(found) })
        },
    }
}

async fn addresses(resolver: &StorageResolver, name: &str) -> Vec<String> {
    let found = resolver.resolve(name.parse().unwrap()).await;
    found.map_or(Vec::new(), |found| {
        found.map(|at| at.ip().to_string()).collect()
    })
}

#[tokio::test]
async fn case_133_a_name_must_have_a_public_address() {
    let none: [&str; 0] = [];
    let strict = resolver("https://api.example/v2", &[]);
    for name in [
        "loopback.example",
        "cloud.example",
        "mapped.example",
        "CLOUD.example.",
    ] {
        assert_eq!(addresses(&strict, name).await, none, "{name}");
    }
    assert_eq!(addresses(&strict, "mixed.example").await, ["93.184.216.34"]);
    assert_eq!(
        addresses(&strict, "storage.example").await,
        ["93.184.216.34"]
    );

    let listing = [
        "loopback.example:9000".to_owned(),
        "cloud.example".to_owned(),
    ];
    let listing = resolver("https://api.example/v2", &listing);
    assert_eq!(addresses(&listing, "loopback.example").await, ["127.0.0.1"]);
    assert_eq!(addresses(&listing, "cloud.example").await.len(), 2);
    assert_eq!(addresses(&listing, "mapped.example").await, none);

    let local = resolver("http://127.0.0.1:8000", &[]);
    assert_eq!(addresses(&local, "loopback.example").await, ["127.0.0.1"]);
    assert_eq!(addresses(&local, "cloud.example").await, none);
}

#[tokio::test]
async fn case_133_nothing_is_sent_to_a_private_address_behind_a_public_name() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let resolver = resolver("https://api.example/v2", &[]);
    let client = Client::builder()
        .no_proxy()
        .dns_resolver(Arc::new(resolver));
    let client = client.tls_certs_only([]).build().unwrap();
    let url = SignedUrl::parse("https://loopback.example/x?signature=canary").unwrap();
    let (_file, body) = body_of(b"bytes", None);
    let sent = storage::send(&client, &url, body, Duration::from_secs(5)).await;
    let Err(SendFault::Refused(Fault::InsecureUrl(words))) = sent else {
        panic!("{sent:?}");
    };
    assert!(
        words.contains("loopback.example: its name") && !words.contains("canary"),
        "{words}"
    );
}
