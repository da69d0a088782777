//! Delimited text into rows of fields, strictly and in constant memory.
//!
//! RFC 4180 with any delimiter and any line end. What could be read in two ways is a fault and
//! never a guess: a quote that never closes, or that closes before other text. The `csv` crate
//! cannot stand here: it reports neither, lets the one swallow the rest of the file and the other run
//! on, and has no limit for a field or a row. Knows no column by name.

use std::io::{self, BufRead};

use super::fault::ManifestFault;

/// The longest field, in bytes as decoded.
pub(super) const MAX_FIELD: usize = 64 * 1024;
/// The longest row, in bytes as decoded plus [`FIELD_COST`] a field: what one row may take of
/// memory.
pub(super) const MAX_ROW: usize = 1024 * 1024;
/// What remembering one field's end costs, in bytes.
const FIELD_COST: usize = size_of::<usize>();
/// Ctrl-Z.
const END_OF_TEXT: char = '\u{1a}';

/// One row, its quotes undone.
#[derive(Debug, Default)]
pub(crate) struct RawRow {
    line: u64,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl RawRow {
    /// The line it begins on, counted from 1.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// How many fields it has.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The field at `index`, when the row has that many.
    pub(crate) fn field(&self, index: usize) -> Option<&[u8]> {
        let end = *self.ends.get(index)?;
        self.text.get(self.start_of(index)..end)
    }

    /// All fields, in order.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).filter_map(|index| self.field(index))
    }

    /// Whether no field says anything: what spreadsheets write for empty lines (`,,`, `"",""`), and
    /// the Ctrl-Z that old programs end a text with.
    fn is_blank(&self) -> bool {
        let says_nothing = |c: char| c.is_whitespace() || c == END_OF_TEXT;
        // The first byte of most rows decides.
        !self.text.iter().any(u8::is_ascii_graphic)
            && str::from_utf8(&self.text).is_ok_and(|text| text.chars().all(says_nothing))
    }

    fn start_of(&self, index: usize) -> usize {
        index
            .checked_sub(1)
            .and_then(|i| self.ends.get(i))
            .map_or(0, |end| *end)
    }

    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    fn open_field_len(&self) -> usize {
        self.text.len() - self.start_of(self.ends.len())
    }

    fn cost(&self) -> usize {
        self.text.len() + self.ends.len() * FIELD_COST
    }
}

/// Reads rows, one at a time.
#[derive(Debug)]
pub(crate) struct Scanner<R> {
    input: R,
    machine: Machine,
}

impl<R: BufRead> Scanner<R> {
    /// Starts at line 1 of `input`.
    pub(crate) fn new(input: R, delimiter: u8) -> Self {
        Self::at_line(1, input, delimiter)
    }

    /// Starts at this line: `input` is what follows those before it.
    pub(super) fn at_line(line: u64, input: R, delimiter: u8) -> Self {
        let machine = Machine {
            delimiter,
            state: State::RowStart,
            line,
            opened: line,
            after_cr: false,
        };
        Self { input, machine }
    }

    /// Reads the next row that is not blank; `false` at the end.
    pub(crate) fn read(&mut self, row: &mut RawRow) -> Result<bool, ManifestFault> {
        while self.read_any(row)? {
            if !row.is_blank() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads the next row, which may be one of blank fields; `false` at the end.
    fn read_any(&mut self, row: &mut RawRow) -> Result<bool, ManifestFault> {
        row.clear();
        loop {
            let chunk = match self.input.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(ManifestFault::Unreadable(error)),
            };
            if chunk.is_empty() {
                return self.machine.end(row);
            }
            let (used, complete) = self.machine.feed(chunk, row)?;
            self.input.consume(used);
            if complete {
                return Ok(true);
            }
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// Between rows; line ends here are blank lines.
    RowStart,
    /// Before a field's first byte.
    FieldStart,
    /// In a field without quotes.
    Bare,
    /// In a quoted field.
    Quoted,
    /// After a quote in a quoted field: its end, or the first half of a doubled quote.
    QuoteSeen,
}

#[derive(Debug)]
struct Machine {
    delimiter: u8,
    state: State,
    /// The line of the byte that comes next.
    line: u64,
    /// The line of the last opening quote.
    opened: u64,
    /// Whether a line feed that comes next belongs to the carriage return before it.
    after_cr: bool,
}

impl Machine {
    /// Takes bytes up to the end of the row; says how many, and whether the row is complete.
    fn feed(&mut self, chunk: &[u8], row: &mut RawRow) -> Result<(usize, bool), ManifestFault> {
        let mut used = 0;
        while let Some(&byte) = chunk.get(used) {
            match self.state {
                State::RowStart if is_line_end(byte) => self.pass_line_end(byte),
                State::RowStart => {
                    self.after_cr = false;
                    row.line = self.line;
                    self.state = State::FieldStart;
                    continue;
                }
                State::FieldStart if byte == b'"' => {
                    self.opened = self.line;
                    self.state = State::Quoted;
                }
                State::QuoteSeen if byte == b'"' => {
                    self.push(b"\"", row)?;
                    self.state = State::Quoted;
                }
                State::Quoted => {
                    used += self.take_quoted(&chunk[used..], row)?;
                    continue;
                }
                State::FieldStart | State::Bare | State::QuoteSeen if self.ends_field(byte) => {
                    if self.end_field(byte, row)? {
                        return Ok((used + 1, true));
                    }
                }
                State::QuoteSeen => return Err(self.text_after_quote()),
                State::FieldStart | State::Bare => {
                    self.state = State::Bare;
                    used += self.take_bare(&chunk[used..], row)?;
                    continue;
                }
            }
            used += 1;
        }
        Ok((used, false))
    }

    /// Takes the input's end: completes the row that is under way, if there is one.
    fn end(&mut self, row: &mut RawRow) -> Result<bool, ManifestFault> {
        let state = std::mem::replace(&mut self.state, State::RowStart);
        match state {
            State::RowStart => Ok(false),
            State::Quoted => Err(ManifestFault::UnclosedQuote { line: self.opened }),
            State::FieldStart | State::Bare | State::QuoteSeen => {
                // One that stands right behind the last row's text is no part of it.
                if matches!(state, State::Bare) && row.text.ends_with(b"\x1a") {
                    row.text.pop();
                }
                row.ends.push(row.text.len());
                Ok(true)
            }
        }
    }

    fn ends_field(&self, byte: u8) -> bool {
        byte == self.delimiter || is_line_end(byte)
    }

    /// Closes the field; `true` when that was the row's last one.
    fn end_field(&mut self, byte: u8, row: &mut RawRow) -> Result<bool, ManifestFault> {
        row.ends.push(row.text.len());
        if row.cost() > MAX_ROW {
            return Err(ManifestFault::RowTooLong { line: row.line });
        }
        if byte == self.delimiter {
            self.state = State::FieldStart;
            return Ok(false);
        }
        self.pass_line_end(byte);
        self.state = State::RowStart;
        Ok(true)
    }

    fn take_bare(&mut self, rest: &[u8], row: &mut RawRow) -> Result<usize, ManifestFault> {
        let run = rest.iter().position(|&byte| self.ends_field(byte));
        let run = &rest[..run.unwrap_or(rest.len())];
        self.push(run, row)?;
        Ok(run.len())
    }

    fn take_quoted(&mut self, rest: &[u8], row: &mut RawRow) -> Result<usize, ManifestFault> {
        let quote = rest.iter().position(|&byte| byte == b'"');
        let run = &rest[..quote.unwrap_or(rest.len())];
        self.push(run, row)?;
        for &byte in run {
            if is_line_end(byte) {
                self.pass_line_end(byte);
            } else {
                self.after_cr = false;
            }
        }
        if quote.is_none() {
            return Ok(run.len());
        }
        self.after_cr = false;
        self.state = State::QuoteSeen;
        Ok(run.len() + 1)
    }

    fn push(&self, run: &[u8], row: &mut RawRow) -> Result<(), ManifestFault> {
        if row.open_field_len() + run.len() > MAX_FIELD {
            return Err(match self.state {
                State::Bare => ManifestFault::FieldTooLong { line: self.line },
                _ => ManifestFault::QuoteTooLong { line: self.opened },
            });
        }
        if row.cost() + run.len() > MAX_ROW {
            return Err(ManifestFault::RowTooLong { line: row.line });
        }
        row.text.extend_from_slice(run);
        Ok(())
    }

    /// Counts a line: CRLF once, a bare CR and a bare LF once each.
    fn pass_line_end(&mut self, byte: u8) {
        let second_half = byte == b'\n' && self.after_cr;
        self.after_cr = byte == b'\r';
        if !second_half {
            self.line += 1;
        }
    }

    fn text_after_quote(&self) -> ManifestFault {
        ManifestFault::TextAfterQuote {
            opened: self.opened,
            line: self.line,
        }
    }
}

fn is_line_end(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

#[cfg(test)]
mod tests;
