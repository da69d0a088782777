//! Certificates that cannot be trusted: no retry, no way around, and words that say what to do.
#![cfg(unix)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mavi_sandbox::{Sandbox, SandboxConfig};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::binary::{KEY, outcome, upload};
use crate::common::{Bench, free};
use crate::proxy::address;

/// An authority of one's own, which no system trusts.
pub(super) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    pub(super) fn pem(&self) -> String {
        self.0.pem()
    }

    /// What a server with a certificate for this name, good until this year, is made of.
    pub(super) fn server(&self, name: &str, year: i32) -> Arc<ServerConfig> {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(year, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        shown(certificate.der().clone(), &key)
    }

    /// An authority, and the server that shows its certificate as its own.
    fn itself(name: &str) -> (Self, Arc<ServerConfig>) {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let same = KeyPair::try_from(key.serialize_der()).unwrap();
        let authority = CertifiedIssuer::self_signed(params, key).unwrap();
        let server = shown(authority.der().clone(), &same);
        (Self(authority), server)
    }
}

/// What a server that shows this certificate is made of.
fn shown(certificate: CertificateDer<'static>, key: &KeyPair) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    Arc::new(config)
}

/// Something that speaks TLS in front of a sandbox.
pub(super) struct Front {
    listener: TcpListener,
    met: Arc<AtomicUsize>,
}

impl Front {
    pub(super) async fn bind() -> Self {
        Self {
            listener: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            met: Arc::default(),
        }
    }

    pub(super) fn at(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    fn origin(&self) -> String {
        format!("https://localhost:{}", self.at().port())
    }

    /// Passes on to `upstream`; gives how many connections came.
    pub(super) fn lead_to(
        self,
        upstream: SocketAddr,
        config: Arc<ServerConfig>,
    ) -> Arc<AtomicUsize> {
        let (met, acceptor) = (Arc::clone(&self.met), TlsAcceptor::from(config));
        tokio::spawn(async move {
            while let Ok((client, _)) = self.listener.accept().await {
                self.met.fetch_add(1, Ordering::Relaxed);
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let mut client = acceptor.accept(client).await?;
                    let mut upstream = TcpStream::connect(upstream).await?;
                    tokio::io::copy_bidirectional(&mut client, &mut upstream).await
                });
            }
        });
        met
    }
}

/// Runs against a sandbox behind a server of this make, trusting `authority` where asked to; gives
/// the exit code, the words, and how many connections came.
async fn run(
    authority: &Authority,
    server: Arc<ServerConfig>,
    trusting: bool,
) -> (Option<i32>, String, usize) {
    let front = Front::bind().await;
    let origin = front.origin();
    let config = SandboxConfig {
        storage_origin: Some(origin.clone()),
        api_key: Some(KEY.to_owned()),
        ..free()
    };
    let sandbox = Sandbox::start(config).await.unwrap();
    let met = front.lead_to(address(&sandbox), server);
    let bench = Bench::new();
    bench.file("a.mp4", 100_000);
    let mut command = upload(&bench, &format!("{origin}/serve/api/v2"));
    if trusting {
        let pem = bench.folder.path().join("ca.pem");
        std::fs::write(&pem, authority.pem()).unwrap();
        command.arg("--ca-cert").arg(pem);
    }
    let (code, words) = outcome(command).await;
    (code, words, met.load(Ordering::Relaxed))
}

#[tokio::test(flavor = "multi_thread")]
async fn case_046_a_certificate_that_cannot_be_trusted_ends_with_2_at_once() {
    let ours = Authority::new();
    let table = [
        ("--ca-cert", ours.server("localhost", 2100), false),
        ("clock", ours.server("localhost", 2021), true),
        ("another host's", ours.server("else.example", 2100), true),
    ];
    for (hint, server, trusting) in table {
        let (code, words, met) = run(&ours, server, trusting).await;
        assert_eq!((code, met), (Some(2), 1), "{hint}: {words}");
        assert!(words.contains("certificate"), "{hint}: {words}");
        assert!(words.contains(hint), "{hint}: {words}");
    }
    let (itself, server) = Authority::itself("localhost");
    let (code, words, _) = run(&itself, server, true).await;
    assert!(code == Some(2) && words.contains("CA:TRUE"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_141_a_certificate_of_an_authority_that_was_added_is_trusted() {
    let ours = Authority::new();
    let (code, words, _) = run(&ours, ours.server("localhost", 2100), true).await;
    assert_eq!(code, Some(0), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_046_storage_that_cannot_be_trusted_stops_the_run_with_4() {
    let ours = Authority::new();
    let front = Front::bind().await;
    let config = SandboxConfig {
        storage_origin: Some(front.origin()),
        api_key: Some(KEY.to_owned()),
        ..free()
    };
    let sandbox = Sandbox::start(config).await.unwrap();
    let met = front.lead_to(address(&sandbox), ours.server("localhost", 2100));
    let bench = Bench::new();
    bench.file("a.mp4", 1000);
    let (code, words) = outcome(upload(&bench, sandbox.base_url())).await;
    assert_eq!(code, Some(4), "{words}");
    assert!(words.contains("certificate"), "{words}");
    assert_eq!(met.load(Ordering::Relaxed), 1);
    assert_eq!(bench.rows()[0]["status"], "not_started");
}
