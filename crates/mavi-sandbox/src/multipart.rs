//! Reads a `multipart/form-data` body of exactly one part as a stream.
//!
//! Pure: chunks in, the file's bytes out. Bytes are copied only where a chunk ends in what may be the beginning of
//! the delimiter, and only the part's header is stored. It is strict where the real storage is: no preamble, one
//! part named `file` that has a filename, nothing after it. It knows neither HTTP nor files.

use bytes::{Buf, Bytes, BytesMut};
use memchr::memmem::Finder;

use crate::disposition::Disposition;

/// A part's header is a name and a type, far shorter than this.
const HEADER_LIMIT: usize = 16 * 1024;

/// What is wrong with the body; the answer shows the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) &'static str);

/// What the reader expects next.
#[derive(Debug)]
enum Stage {
    Header,
    Content { filename: String },
    End { filename: String },
}

/// A reader of one body: [`OnePart::push`] each chunk, then [`OnePart::finish`].
#[derive(Debug)]
pub(crate) struct OnePart {
    opening: Vec<u8>,
    delimiter: Vec<u8>,
    finder: Finder<'static>,
    stage: Stage,
    /// Bytes whose meaning the next chunk decides.
    held: Bytes,
}

impl OnePart {
    /// A reader for the boundary that `content_type` names.
    pub(crate) fn new(content_type: &str) -> Result<Self, Malformed> {
        let boundary = boundary(content_type).ok_or(Malformed("not multipart/form-data"))?;
        let delimiter = format!("\r\n--{boundary}").into_bytes();
        Ok(Self {
            opening: format!("--{boundary}\r\n").into_bytes(),
            finder: Finder::new(&delimiter).into_owned(),
            delimiter,
            stage: Stage::Header,
            held: Bytes::new(),
        })
    }

    /// Takes a chunk of the body and returns those of the file's bytes that are certain.
    pub(crate) fn push(&mut self, chunk: Bytes) -> Result<Bytes, Malformed> {
        let mut bytes = self.behind_held(chunk);
        if matches!(self.stage, Stage::Header) {
            let Some(length) = self.header_length(&bytes)? else {
                self.held = bytes;
                return Ok(Bytes::new());
            };
            let filename = filename(&bytes[self.opening.len()..length])?;
            self.stage = Stage::Content { filename };
            bytes.advance(length);
        }
        if let Stage::Content { filename } = &mut self.stage {
            let Some(at) = self.finder.find(&bytes) else {
                let certain = bytes.len() - possible_delimiter(&bytes, &self.delimiter);
                self.held = bytes.split_off(certain);
                return Ok(bytes);
            };
            let filename = std::mem::take(filename);
            self.stage = Stage::End { filename };
            let content = bytes.split_to(at);
            bytes.advance(self.delimiter.len());
            self.held = check_end(bytes)?;
            return Ok(content);
        }
        self.held = check_end(bytes)?;
        Ok(Bytes::new())
    }

    /// Returns the file's name after the whole body.
    pub(crate) fn finish(self) -> Result<String, Malformed> {
        match self.stage {
            Stage::End { filename } if &*self.held == b"--" || &*self.held == b"--\r\n" => {
                Ok(filename)
            }
            _ => Err(Malformed("the multipart body ends early")),
        }
    }

    fn behind_held(&mut self, chunk: Bytes) -> Bytes {
        let held = std::mem::take(&mut self.held);
        if held.is_empty() {
            return chunk;
        }
        let mut joined = BytesMut::with_capacity(held.len() + chunk.len());
        joined.extend_from_slice(&held);
        joined.extend_from_slice(&chunk);
        joined.freeze()
    }

    /// The length of opening and header, blank line included; `None` while they are incomplete.
    fn header_length(&self, bytes: &[u8]) -> Result<Option<usize>, Malformed> {
        let shared = bytes.len().min(self.opening.len());
        if bytes[..shared] != self.opening[..shared] {
            return Err(Malformed("the body does not open with its boundary"));
        }
        let window = &bytes[..bytes.len().min(HEADER_LIMIT)];
        match memchr::memmem::find(window, b"\r\n\r\n") {
            Some(at) if at >= self.opening.len() => Ok(Some(at + 4)),
            Some(_) => Err(Malformed("the part has no header")),
            None if bytes.len() >= HEADER_LIMIT => Err(Malformed("the part's header is too long")),
            None => Ok(None),
        }
    }
}

/// The `boundary` of a `multipart/form-data` content type, quoted or not.
fn boundary(content_type: &str) -> Option<&str> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let value = parameters.split(';').find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        key.trim()
            .eq_ignore_ascii_case("boundary")
            .then_some(value.trim())
    })?;
    let value = value
        .strip_prefix('"')
        .and_then(|inner| inner.strip_suffix('"'))
        .unwrap_or(value);
    // RFC 2046 section 5.1.1 allows 1 to 70 characters.
    (1..=70).contains(&value.len()).then_some(value)
}

/// The file's name, from the part's header lines.
fn filename(header: &[u8]) -> Result<String, Malformed> {
    let mut dispositions = header.split(|byte| *byte == b'\n').filter_map(|line| {
        let colon = memchr::memchr(b':', line)?;
        let is_ours = line[..colon].eq_ignore_ascii_case(b"content-disposition");
        is_ours.then(|| line[colon + 1..].trim_ascii_end())
    });
    let (Some(line), None) = (dispositions.next(), dispositions.next()) else {
        return Err(Malformed("the part needs exactly one Content-Disposition"));
    };
    let found =
        Disposition::parse(line).ok_or(Malformed("the part's Content-Disposition is malformed"))?;
    if found.name.as_deref() != Some("file") {
        return Err(Malformed("the part is not named `file`"));
    }
    found
        .filename
        .filter(|name| !name.is_empty())
        .ok_or(Malformed("the part has no filename"))
}

/// How many of the last bytes may be the beginning of a delimiter.
///
/// A delimiter holds a single CR, its first byte, so only the last CR of the chunk can open one.
fn possible_delimiter(bytes: &[u8], delimiter: &[u8]) -> usize {
    let window = &bytes[bytes.len().saturating_sub(delimiter.len() - 1)..];
    match memchr::memrchr(b'\r', window) {
        Some(at) if delimiter.starts_with(&window[at..]) => window.len() - at,
        _ => 0,
    }
}

/// What follows the delimiter: two hyphens, perhaps a line break, nothing else.
fn check_end(bytes: Bytes) -> Result<Bytes, Malformed> {
    if b"--\r\n".starts_with(&bytes) {
        Ok(bytes)
    } else if b"\r\n".starts_with(&bytes[..bytes.len().min(2)]) {
        Err(Malformed("more than one part"))
    } else {
        Err(Malformed("bytes behind the last part"))
    }
}

#[cfg(test)]
mod tests;
