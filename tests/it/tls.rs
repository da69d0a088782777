//! A company's own certificates and proxies, and no way around either.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mavi_sandbox::Sandbox;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::command::{SHORT_RESTS, mavi, unlimited_upload};
use crate::common::{Bench, sandbox};
use crate::running::told;

/// A sandbox behind TLS, with a certificate of a CA that no system knows.
struct Company {
    port: u16,
    ca_pem: String,
    serving: tokio::task::JoinHandle<()>,
}

impl Company {
    async fn before(sandbox: &Sandbox) -> Self {
        let mut ca = CertificateParams::new(Vec::new()).unwrap();
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let leaf = leaf.signed_by(&key, &ca).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = sandbox.base_url().strip_prefix("http://").unwrap();
        let behind = url.split('/').next().unwrap().to_owned();
        Self {
            port: listener.local_addr().unwrap().port(),
            ca_pem: ca.pem(),
            serving: tokio::spawn(relay(listener, TlsAcceptor::from(Arc::new(config)), behind)),
        }
    }

    fn base_url(&self, host: &str) -> String {
        format!("https://{host}:{}/serve/api/v2", self.port)
    }
}

impl Drop for Company {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn relay(listener: TcpListener, tls: TlsAcceptor, behind: String) {
    while let Ok((socket, _)) = listener.accept().await {
        let (tls, behind) = (tls.clone(), behind.clone());
        tokio::spawn(async move {
            let mut here = tls.accept(socket).await?;
            let mut there = TcpStream::connect(behind).await?;
            tokio::io::copy_bidirectional(&mut here, &mut there).await
        });
    }
}

async fn upload(folder: PathBuf, key: &str, base: &str, more: &[&str]) -> (Option<i32>, String) {
    let mut command = unlimited_upload(&folder, key, base);
    command
        .args(SHORT_RESTS)
        .args(["--retries", "1", "library"]);
    for option in more {
        match option
            .split_once('=')
            .filter(|(name, _)| name.ends_with("PROXY"))
        {
            Some((name, value)) => command.env(name, value),
            None => command.arg(option),
        };
    }
    told(command).await
}

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn case_141_a_companys_ca_is_trusted_when_it_is_named() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    bench.file("a.mp4", 1000);
    let company = Company::before(&sandbox).await;
    let folder = bench.folder.path();
    write(folder, "ca.pem", &company.ca_pem);
    write(
        folder,
        "bad.pem",
        "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n",
    );
    write(folder, "none.pem", "hello\n");
    let base = company.base_url("localhost");
    let run = async |base: &str, more: &[&str]| {
        upload(folder.to_owned(), sandbox.api_key(), base, more).await
    };

    for (more, word) in [
        (&[][..], "--ca-cert"),
        (&["--ca-cert", "absent.pem"], "--ca-cert absent.pem"),
        (&["--ca-cert", "bad.pem"], "CA certificate cannot be used"),
        (&["--ca-cert", "none.pem"], "no PEM certificate"),
    ] {
        let (code, words) = run(&base, more).await;
        assert_eq!(code, Some(2), "{more:?}: {words}");
        assert!(words.contains(word), "{more:?}: {words}");
    }
    // The CA is trusted, and the certificate is another host's.
    let (code, words) = run(&company.base_url("127.0.0.1"), &["--ca-cert", "ca.pem"]).await;
    assert_eq!(code, Some(2), "{words}");
    assert_eq!(sandbox.stats().calls.total(), 0, "the key went to nobody");

    fs::remove_file(folder.join("mavi-ledger.db")).ok();
    let (code, words) = run(&base, &["--ca-cert", "ca.pem", "--via", "direct"]).await;
    assert_eq!(code, Some(0), "{words}");
    assert_eq!(bench.rows()[0]["status"], "success");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_132_a_service_with_tls_never_sends_a_file_without() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    bench.file("a.mp4", 1000);
    let company = Company::before(&sandbox).await;
    write(bench.folder.path(), "ca.pem", &company.ca_pem);
    let (key, base) = (sandbox.api_key(), company.base_url("localhost"));
    let (code, words) = upload(
        bench.folder.path().to_owned(),
        key,
        &base,
        &["--ca-cert", "ca.pem"],
    )
    .await;
    assert_eq!(code, Some(1), "{words}");
    // The sandbox signs for itself, at http://127.0.0.1.
    assert_eq!(bench.rows()[0]["error_code"], "insecure_url", "{words}");
    assert_eq!(
        (sandbox.stats().calls.sign, sandbox.stats().calls.send),
        (1, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn case_141_there_is_no_insecure_switch() {
    let help = mavi(Path::new("."))
        .args(["upload", "--help"])
        .output()
        .unwrap();
    let help = String::from_utf8(help.stdout).unwrap().to_lowercase();
    assert!(help.contains("--ca-cert"));
    for word in ["insecure", "no-verify", "skip-tls", "trust-all"] {
        assert!(!help.contains(word), "{word}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn case_130_a_proxy_is_named_without_its_password() {
    let bench = Bench::new();
    bench.file("a.mp4", 1000);
    let closed = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let proxy = format!("HTTPS_PROXY=http://me:canary@{closed}");
    let base = "https://mavi.invalid/serve/api/v2";
    let run =
        async |more: &[&str]| upload(bench.folder.path().to_owned(), "sk-mavi-1", base, more).await;
    let (code, words) = run(&[&proxy, "--max-outage", "1s"]).await;
    assert_ne!(code, Some(0), "{words}");
    assert!(
        words.contains(&format!("proxy {closed}")) && !words.contains("canary"),
        "{words}"
    );
    for more in [&["--no-proxy"][..], &["NO_PROXY=mavi.invalid"]] {
        let (_, words) = run(&[&[proxy.as_str(), "--max-outage", "1s"], more].concat()).await;
        assert!(
            words.contains("mavi.invalid") && !words.contains("proxy"),
            "{more:?}: {words}"
        );
    }
}
