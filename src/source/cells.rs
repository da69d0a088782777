//! A row's own columns, kept as one encoded CSV record.
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
        let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
        // Writing into memory cannot fail, and an empty record is an empty row.
        let written = writer.write_record(fields).is_ok() && writer.flush().is_ok();
        let mut line = writer.into_inner().unwrap_or_default();
        debug_assert!(written && line.ends_with(b"\n"));
        line.pop();
        Self(line)
    }

    /// Takes back what [`Cells::as_bytes`] gave.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_survive_encoding() {
        let fields: [&[u8]; 6] = [
            b"a",
            b"",
            b"semi;colon",
            b"quo\"te, comma",
            b"line\r\nend",
            b"caf\xe9",
        ];
        let cells = Cells::encode(fields);
        assert_eq!(cells.fields(), fields);
        assert_eq!(Cells::encode([b"".as_slice()]).fields(), [b""]);
    }
}
