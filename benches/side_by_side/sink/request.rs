//! Requests as they come off a connection: the head kept, the body thrown away.

use std::io::{self, BufRead, Read};

/// What the sink looks at in a request.
#[derive(Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Without the query.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) expects_continue: bool,
    length: u64,
    boundary: Option<String>,
}

impl Request {
    /// The next request's head; `None` at the end of the connection.
    pub(crate) fn read(reader: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let mut words = line.split_whitespace();
        let method = words.next().unwrap_or_default().to_owned();
        let target = words.next().unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut request = Self {
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            ..Self::default()
        };
        loop {
            line.clear();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.split_once(':') else {
                return Ok(Some(request));
            };
            request.header(&name.to_ascii_lowercase(), value.trim())?;
        }
    }

    fn header(&mut self, name: &str, value: &str) -> io::Result<()> {
        match name {
            "content-length" => self.length = value.parse().map_err(io::Error::other)?,
            "expect" => self.expects_continue = true,
            "content-type" => {
                let boundary = value.split_once("boundary=").map(|(_, boundary)| boundary);
                self.boundary = boundary.map(|boundary| boundary.trim_matches('"').to_owned());
            }
            "transfer-encoding" => return Err(io::Error::other("only bodies of a known length")),
            _ => {}
        }
        Ok(())
    }

    /// Throws the body away; gives the size of the file in it: without the frame, where it is a
    /// form.
    pub(crate) fn discard(&self, reader: &mut impl BufRead) -> io::Result<u64> {
        let mut body = reader.take(self.length);
        let frame = match &self.boundary {
            Some(boundary) => part_head(&mut body)? + boundary.len() as u64 + 8,
            None => 0,
        };
        loop {
            let length = body.fill_buf()?.len();
            if length == 0 {
                return Ok(self.length.saturating_sub(frame));
            }
            body.consume(length);
        }
    }
}

/// The length of the lines before a part's content.
fn part_head(body: &mut impl BufRead) -> io::Result<u64> {
    let mut length = 0;
    loop {
        let mut line = Vec::new();
        length += body.read_until(b'\n', &mut line)? as u64;
        if line.len() <= 2 {
            return Ok(length);
        }
    }
}
