//! A row's own columns, stored as one encoded CSV record.
//!
//! One allocation a row, readable in the ledger with any SQLite tool, and written to the report
//! byte for byte as fields. Knows CSV quoting and nothing else.

/// The cells of one row as a comma-separated record without its line end. Bytes, because a manifest
/// may hold names that are not UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cells(Vec<u8>);

impl Cells {
    /// Encodes fields, quoting those that need it.
    pub fn encode<'a>(fields: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut line = Vec::new();
        push_fields(&mut line, fields);
        // A record without a byte would be no record.
        if line.is_empty() {
            line.extend_from_slice(b"\"\"");
        }
        Self(line)
    }

    /// Cells from what [`Cells::as_bytes`] returned.
    #[must_use]
    pub fn from_encoded(line: Vec<u8>) -> Self {
        Self(line)
    }

    /// The encoded record, without a line end.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The fields, decoded.
    #[must_use]
    pub fn fields(&self) -> Vec<Vec<u8>> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(self.0.as_slice());
        let mut record = csv::ByteRecord::new();
        match reader.read_byte_record(&mut record) {
            Ok(true) => record.iter().map(<[u8]>::to_vec).collect(),
            _ => Vec::new(),
        }
    }
}

/// Appends fields with commas between them, quoting those that need it. A `csv::Writer` a row, with
/// its buffers, costs ten times as much.
pub fn push_fields<'a>(line: &mut Vec<u8>, fields: impl IntoIterator<Item = &'a [u8]>) {
    for (at, field) in fields.into_iter().enumerate() {
        if at > 0 {
            line.push(b',');
        }
        push_field(line, field);
    }
}

fn push_field(line: &mut Vec<u8>, field: &[u8]) {
    let special = |byte: &u8| matches!(byte, b',' | b'"' | b'\r' | b'\n');
    if !field.iter().any(special) {
        line.extend_from_slice(field);
        return;
    }
    line.push(b'"');
    for part in field.split_inclusive(|byte| *byte == b'"') {
        line.extend_from_slice(part);
        if part.ends_with(b"\"") {
            line.push(b'"');
        }
    }
    line.push(b'"');
}

#[cfg(test)]
mod tests;
