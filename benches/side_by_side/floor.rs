//! The least that an upload can cost: a thread an upload reads, hashes and writes to a socket, and
//! nothing else. No retries, no ledger, no checks: what `mavi` adds to this is its own price.
//!
//! ```text
//! side_by_side_floor PORT [--ca CA.pem] [-j N] FILE...
//! ```

use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use sha2::{Digest as _, Sha256};

/// What `mavi` reads at a time.
const CHUNK: usize = 256 * 1024;

type Trouble = Box<dyn Error + Send + Sync>;

trait Line: Read + Write {}

impl<L: Read + Write> Line for L {}

struct Task {
    port: u16,
    tls: Option<Arc<ClientConfig>>,
    files: Vec<PathBuf>,
    next: AtomicUsize,
}

fn main() -> Result<(), Trouble> {
    let mut words = std::env::args().skip(1);
    let port = words.next().ok_or("the sink's port is missing")?.parse()?;
    let (mut tls, mut uploads, mut files) = (None, 1, Vec::new());
    while let Some(word) = words.next() {
        match word.as_str() {
            "--ca" => tls = Some(trusting(&words.next().unwrap_or_default())?),
            "-j" => uploads = words.next().unwrap_or_default().parse()?,
            _ => files.push(PathBuf::from(word)),
        }
    }
    let task = Arc::new(Task {
        port,
        tls,
        files,
        next: AtomicUsize::new(0),
    });
    let upload = |_| {
        let task = Arc::clone(&task);
        std::thread::spawn(move || task.run())
    };
    let threads: Vec<_> = (0..uploads).map(upload).collect();
    threads
        .into_iter()
        .try_for_each(|thread| thread.join().map_err(|_| "an upload panicked")?)
}

fn trusting(ca: &str) -> Result<Arc<ClientConfig>, Trouble> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca)? {
        roots.add(certificate?)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

impl Task {
    /// Uploads files, the next one that nobody has taken, over one connection.
    fn run(&self) -> Result<(), Trouble> {
        let mut line = BufReader::new(self.connect()?);
        let mut buffer = vec![0; CHUNK];
        while let Some(file) = self.files.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            upload(file, &mut line, &mut buffer)?;
        }
        Ok(())
    }

    fn connect(&self) -> Result<Box<dyn Line>, Trouble> {
        let stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_nodelay(true)?;
        let Some(config) = &self.tls else {
            return Ok(Box::new(stream));
        };
        let name = ServerName::try_from("localhost")?;
        let session = ClientConnection::new(Arc::clone(config), name)?;
        Ok(Box::new(StreamOwned::new(session, stream)))
    }
}

fn upload(
    path: &Path,
    line: &mut BufReader<Box<dyn Line>>,
    buffer: &mut [u8],
) -> Result<(), Trouble> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let head = format!(
        "POST /storage/floor HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
    );
    line.get_mut().write_all(head.as_bytes())?;
    let mut hasher = Sha256::new();
    loop {
        let read = file.read(buffer)?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        line.get_mut().write_all(&buffer[..read])?;
    }
    line.get_mut().flush()?;
    black_box(hasher.finalize());
    Ok(await_answer(line)?)
}

fn await_answer(line: &mut impl BufRead) -> io::Result<()> {
    let (mut text, mut length) = (String::new(), 0);
    loop {
        text.clear();
        line.read_line(&mut text)?;
        let header = text.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
    }
    io::copy(&mut line.take(length), &mut io::sink()).map(drop)
}
