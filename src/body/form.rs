//! What stands around the bytes: a `multipart/form-data` body with one part named `file`.
//!
//! Names are written as browsers write them (WHATWG HTML, "multipart form data"): only `"`, CR and
//! LF are escaped, everything else goes as UTF-8. HTTP libraries leave CR and LF raw here, which
//! lets a file's name write headers.

use std::path::Path;

use bytes::Bytes;

/// A boundary that no file holds by accident: 128 random bits.
pub(super) fn boundary() -> String {
    format!("mavi-{:032x}", fastrand::u128(..))
}

/// What goes before the file's bytes.
pub(crate) fn head(boundary: &str, name: &str) -> Bytes {
    Bytes::from(format!(
        "--{boundary}\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n",
        escape(name)
    ))
}

/// What goes after the file's bytes.
pub(super) fn tail(boundary: &str) -> Bytes {
    Bytes::from(format!("\r\n--{boundary}--\r\n"))
}

fn escape(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '"' => escaped.push_str("%22"),
            '\r' => escaped.push_str("%0D"),
            '\n' => escaped.push_str("%0A"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The name under which a file is sent: `given`, else the last part of its path.
///
/// Bytes that are not UTF-8 become U+FFFD; the extension, by which the service tells formats apart,
/// is always ASCII and survives.
pub(crate) fn sent_name(path: &Path, given: Option<&str>) -> String {
    match given {
        Some(name) => name.to_owned(),
        None => path
            .file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy()
            .into_owned(),
    }
}

#[cfg(test)]
mod tests;
