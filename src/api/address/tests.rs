//! Which addresses get the key, and which get a file.

use super::*;

const SERVICE: &str = "https://mavi-backend.memories.ai/serve/api/v2";

fn verdict(base: &str, listed: &[&str], url: &str) -> Result<(), Fault> {
    let listed: Vec<String> = listed.iter().map(|&host| host.to_owned()).collect();
    Address::parse(base, &listed)
        .unwrap()
        .permits(&SignedUrl::parse(url).unwrap())
}

#[test]
fn case_135_the_key_goes_to_https_or_this_machine_alone() {
    let good = [
        SERVICE,
        "https://mavi-backend.memories.ai/serve/api/v2/",
        "http://127.0.0.1:8080",
        "http://127.9.9.9/x",
        "http://[::1]:80/",
        "http://localhost:1",
        "https://10.0.0.1:8443/x",
    ];
    for base in good {
        assert!(Address::parse(base, &[]).is_ok(), "{base}");
    }
    let bad = [
        (
            "http://mavi-backend.memories.ai/serve",
            BaseUrlError::Insecure,
        ),
        ("http://10.0.0.1", BaseUrlError::Insecure),
        ("http://localhost.evil.example", BaseUrlError::Insecure),
        ("ftp://x.example", BaseUrlError::Insecure),
        ("file:///etc/passwd", BaseUrlError::Insecure),
        ("https://user:pw@x.example", BaseUrlError::UserInfo),
        ("https://x.example/?a=b", BaseUrlError::Query),
        ("https://x.example/#f", BaseUrlError::Query),
        ("mavi-backend.memories.ai", BaseUrlError::Malformed),
        ("", BaseUrlError::Malformed),
    ];
    for (base, error) in bad {
        assert_eq!(Address::parse(base, &[]).unwrap_err(), error, "{base}");
    }
}

#[test]
fn calls_are_appended_with_one_slash() {
    for base in [SERVICE, "https://mavi-backend.memories.ai/serve/api/v2/"] {
        let address = Address::parse(base, &[]).unwrap();
        assert_eq!(
            address.call(&["re_1", "metadata"]).as_str(),
            format!("{SERVICE}/re_1/metadata")
        );
        assert_eq!(address.as_str(), SERVICE);
    }
    assert_eq!(
        Address::parse("http://[::1]:80/", &[])
            .unwrap()
            .call(&["upload"])
            .as_str(),
        "http://[::1]/upload"
    );
}

#[test]
fn case_132_plain_http_stays_on_this_machine() {
    assert!(verdict("http://127.0.0.1:1", &[], "http://127.0.0.1:2/x").is_ok());
    assert!(verdict("http://127.0.0.1:1", &[], "http://localhost:2/x").is_ok());
    assert!(verdict("http://127.0.0.1:1", &[], "https://storage.example/x").is_ok());
    assert!(verdict("http://127.0.0.1:1", &[], "http://storage.example/x").is_err());
    assert!(verdict(SERVICE, &[], "http://storage.example/x").is_err());
    assert!(verdict(SERVICE, &["storage.example"], "http://storage.example/x").is_err());
    assert!(verdict("https://127.0.0.1:1", &[], "http://127.0.0.1:2/x").is_err());
}

#[test]
fn case_133_files_go_to_public_storage_alone() {
    for good in [
        "https://storage.googleapis.com/b/o?sig=1",
        "https://8.8.8.8/x",
        "https://[2606:4700::1]/x",
    ] {
        assert!(verdict(SERVICE, &[], good).is_ok(), "{good}");
    }
    let bad = [
        "https://127.0.0.1/x",
        "https://0x7f.1/x",
        "https://localhost/x",
        "https://a.localhost./x",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://169.254.169.254/latest",
        "https://10.1.2.3/x",
        "https://172.31.255.255/x",
        "https://192.168.0.1/x",
        "https://100.64.0.1/x",
        "https://0.0.0.0/x",
        "https://[fe80::1]/x",
        "https://[fd00::1]/x",
        "https://[64:ff9b::a00:1]/x",
        "https://[2002:a00:1::]/x",
        "https://user:canary@storage.example/x",
        "https://storage.example:8443/x",
        "ftp://storage.example/x",
        "file://storage.example/x",
    ];
    for url in bad {
        let fault = verdict(SERVICE, &[], &format!("{url}?canary")).unwrap_err();
        assert!(
            matches!(&fault, Fault::InsecureUrl(text) if !text.contains("canary")),
            "{fault:?}"
        );
    }
    assert!(verdict("http://127.0.0.1:1", &[], "https://10.0.0.1/x").is_err());
}

#[test]
fn case_133_listed_hosts_may_be_private_and_on_any_port() {
    assert!(verdict(SERVICE, &["10.0.0.1"], "https://10.0.0.1:9000/x").is_ok());
    assert!(verdict(SERVICE, &["Minio.Lan:9000"], "https://minio.lan:9000/x").is_ok());
    assert!(verdict(SERVICE, &["minio.lan:9000"], "https://minio.lan:9001/x").is_err());
    assert!(verdict(SERVICE, &["minio.lan:443"], "https://minio.lan/x").is_ok());
    assert!(verdict(SERVICE, &["10.0.0.1"], "https://u:p@10.0.0.1/x").is_err());
}
