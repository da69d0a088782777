//! The scanner, row by row and at every buffer boundary.

use std::io::BufReader;

use proptest::prelude::*;

use super::*;

type Rows = Vec<(u64, Vec<String>)>;

fn scan(text: &[u8], buffer: usize) -> Result<Rows, ManifestFault> {
    let mut scanner = Scanner::new(BufReader::with_capacity(buffer, text), b',');
    let mut row = RawRow::default();
    let mut rows = Rows::new();
    while scanner.read(&mut row)? {
        let fields = row.fields().map(|f| String::from_utf8_lossy(f).into());
        rows.push((row.line(), fields.collect()));
    }
    Ok(rows)
}

fn fault(text: &[u8]) -> String {
    scan(text, 7).unwrap_err().to_string()
}

#[test]
fn case_090_every_line_end_and_blank_lines_give_the_same_rows() {
    let expected: &[(u64, &[&str])] = &[(1, &["a", "b"]), (3, &["", "x\"y"]), (4, &["1", ""])];
    let texts = [
        "a,b\n\n,x\"y\n1,\n",
        "a,b\r\n\r\n,x\"y\r\n1,",
        "a,b\r\r,\"x\"\"y\"\r1,\"\"",
        "\"a\",\"b\"\n\n\"\",\"x\"\"y\"\n1,\n\n\n",
    ];
    for text in texts {
        for buffer in [1, 2, 3, 64] {
            let rows = scan(text.as_bytes(), buffer).unwrap();
            let rows: Vec<_> = rows.iter().map(|(l, f)| (*l, f.as_slice())).collect();
            assert_eq!(format!("{rows:?}"), format!("{expected:?}"), "{text:?}");
        }
    }
}

#[test]
fn case_093_quotes_that_cannot_be_read_name_the_line_where_they_opened() {
    let open = fault(b"a,b\n\n1,\"2\r\n3,4\n5,6\n");
    assert!(open.starts_with("line 3: the quote that opens here is never closed"));
    let early = fault(b"a,b\n\"1,2\n3,4\n5,\"6\"\n");
    assert!(early.starts_with("line 2: the quote that opens here closes on line 4"));
}

#[test]
fn case_090_lines_inside_quotes_are_counted() {
    let rows = scan(b"\"a\r\nb\rc\nd\"\ne\n", 1).unwrap();
    assert_eq!(rows[1], (5, vec!["e".to_owned()]));
}

#[test]
fn case_100_fields_and_rows_are_bounded() {
    let fits = [b"a\n", "x".repeat(MAX_FIELD).as_bytes()].concat();
    assert_eq!(scan(&fits, 4096).unwrap().len(), 2);
    let bare = [b"a\n", "x".repeat(MAX_FIELD + 1).as_bytes()].concat();
    assert!(fault(&bare).starts_with("line 2: a field is longer than 64 KiB"));
    let quoted = [b"a\n\"", "\n".repeat(MAX_FIELD + 1).as_bytes()].concat();
    assert!(fault(&quoted).starts_with("line 2: the quote that opens here"));
    let commas = [b"a\n", ",".repeat(MAX_ROW).as_bytes()].concat();
    assert!(fault(&commas).starts_with("line 2: the row is longer than 1 MiB"));
}

#[test]
fn case_151_rows_that_say_nothing_are_blank_lines() {
    let expected: &[(u64, &[&str])] = &[(2, &["a", "b"]), (6, &["", "0"]), (8, &["c", "d"])];
    let texts = [
        ",\na,b\n,,,\n\"\",\"\"\n \t, \n,0\n\x1a\nc,d\n,\n,",
        "\"\",\na,b\n \n\"\u{a0}\"\n\"\"\n,0\n,,,,,\nc,d\n\x1a",
        ",\r\na,b\r\n,\r\n,\r\n,\r\n,0\r\n,\r\nc,d\x1a",
        ",\ra,b\r,\r,\r,\r,0\r,\rc,d\r\x1a\r\n,,\r\n",
    ];
    for text in texts {
        for buffer in [1, 2, 64] {
            let rows = scan(text.as_bytes(), buffer).unwrap();
            let rows: Vec<_> = rows.iter().map(|(l, f)| (*l, f.as_slice())).collect();
            assert_eq!(format!("{rows:?}"), format!("{expected:?}"), "{text:?}");
        }
    }
}

proptest! {
    #[test]
    fn what_a_csv_writer_wrote_is_read_back(
        rows in prop::collection::vec(prop::collection::vec("[a,;\t\"\r\n é]{0,6}", 3), 0..6),
        delimiter in prop::sample::select(vec![b',', b';', b'\t']),
        crlf: bool,
        buffer in 1_usize..9,
    ) {
        let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .terminator(terminator)
            .from_writer(Vec::new());
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let text = writer.into_inner().unwrap();
        let mut scanner = Scanner::new(BufReader::with_capacity(buffer, &text[..]), delimiter);
        let mut row = RawRow::default();
        let mut read = Vec::new();
        while scanner.read(&mut row).unwrap() {
            let fields = row.fields().map(|f| String::from_utf8_lossy(f).into_owned());
            read.push(fields.collect::<Vec<_>>());
        }
        let is_blank = |row: &Vec<String>| row.iter().all(|field| field.trim().is_empty());
        let rows: Vec<_> = rows.into_iter().filter(|row| !is_blank(row)).collect();
        prop_assert_eq!(read, rows);
    }

    #[test]
    fn the_buffer_size_never_changes_the_outcome(text in "[a,\"\r\n]{0,12}", buffer in 1_usize..4) {
        let whole = format!("{:?}", scan(text.as_bytes(), 64));
        prop_assert_eq!(format!("{:?}", scan(text.as_bytes(), buffer)), whole);
    }
}
