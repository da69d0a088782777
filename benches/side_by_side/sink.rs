//! A service that keeps nothing: it takes whatever the clients of `run.sh` send, throws the bytes
//! away unread and answers that all is well, so that what a run costs is the client's share alone.
//!
//! ```text
//! side_by_side_sink [--tls CERT.pem KEY.pem]
//! ```
//!
//! One thread a connection. Prints its port: the scheme's usual one where it may have that (there are
//! clients that know no other), else a free one. `GET /stats` gives the connections so far. Checks
//! nothing, limits nothing: for loopback, and for measuring.
#![expect(clippy::print_stdout, reason = "its port is for the script")]

#[path = "sink/dialects.rs"]
mod dialects;
#[path = "sink/request.rs"]
mod request;

use std::error::Error;
use std::io::{self, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;

use dialects::Shelf;
use request::Request;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// How much is taken off a connection at a time.
const BUFFER: usize = 256 * 1024;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    let tls = match words.as_slice() {
        [] => None,
        ["--tls", cert, key] => Some(tls(Path::new(cert), Path::new(key))?),
        _ => return Err("usage: side_by_side_sink [--tls CERT.pem KEY.pem]".into()),
    };
    let usual = if tls.is_some() { 443 } else { 80 };
    let listener =
        TcpListener::bind(("127.0.0.1", usual)).or_else(|_| TcpListener::bind(("127.0.0.1", 0)))?;
    let port = listener.local_addr()?.port();
    let scheme = if tls.is_some() { "https" } else { "http" };
    let shelf = Arc::new(Shelf::new(format!("{scheme}://localhost:{port}")));
    println!("{port}");
    for stream in listener.incoming() {
        let (stream, tls, shelf) = (stream?, tls.clone(), Arc::clone(&shelf));
        std::thread::spawn(move || {
            // A client that hangs up is the usual end.
            let _ = take(stream, tls, &shelf);
        });
    }
    Ok(())
}

fn tls(cert: &Path, key: &Path) -> Result<Arc<ServerConfig>, Box<dyn Error>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let chain = CertificateDer::pem_file_iter(cert)?.collect::<Result<Vec<_>, _>>()?;
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from_pem_file(key)?)?;
    Ok(Arc::new(config))
}

fn take(
    stream: TcpStream,
    tls: Option<Arc<ServerConfig>>,
    shelf: &Shelf,
) -> Result<(), Box<dyn Error>> {
    stream.set_nodelay(true)?;
    match tls {
        Some(config) => serve(
            StreamOwned::new(ServerConnection::new(config)?, stream),
            shelf,
        )?,
        None => serve(stream, shelf)?,
    }
    Ok(())
}

fn serve(stream: impl Read + Write, shelf: &Shelf) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(BUFFER, stream);
    let mut first = true;
    while let Some(request) = Request::read(&mut reader)? {
        if request.expects_continue {
            reader
                .get_mut()
                .write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let size = request.discard(&mut reader)?;
        let answer = shelf.answer(&request, size, first);
        first = false;
        reader.get_mut().write_all(answer.as_bytes())?;
        reader.get_mut().flush()?;
    }
    Ok(())
}
