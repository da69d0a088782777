//! Manifests as people write them, each read whole: what comes of it, or the words against it.

#[cfg(unix)]
mod paths;

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::*;

const DIGEST: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789ABCDEF";

/// A folder with the file `a.mp4` in it, and the manifest `m.csv`.
fn library(manifest: &[u8]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.mp4"), "a").unwrap();
    fs::write(dir.path().join("m.csv"), manifest).unwrap();
    dir
}

fn open(dir: &Path, options: ManifestOptions) -> Result<Manifest, String> {
    let path = dir.join("m.csv");
    let shown = path.display().to_string();
    let opened = Manifest::open(ManifestInput::File(path), options);
    opened.map_err(|error| error.to_string().replace(&shown, "m.csv"))
}

/// One row in short: the path below the library, or the refusal.
fn brief(dir: &Path, row: &Candidate) -> String {
    match &row.refusal {
        Some(refusal) => refusal.to_string(),
        None => row
            .path
            .strip_prefix(dir)
            .unwrap_or(&row.path)
            .to_string_lossy()
            .into_owned(),
    }
}

fn read_with(manifest: &[u8], options: ManifestOptions) -> Result<Vec<String>, String> {
    let dir = library(manifest);
    let manifest = open(dir.path(), options)?;
    let rows = manifest.rows();
    let read: Vec<_> = manifest.map(|row| brief(dir.path(), &row)).collect();
    assert_eq!(read.len() as u64, rows);
    Ok(read)
}

fn read(manifest: &[u8]) -> Result<Vec<String>, String> {
    read_with(manifest, ManifestOptions::default())
}

fn lenient() -> ManifestOptions {
    ManifestOptions {
        lenient: true,
        ..ManifestOptions::default()
    }
}

#[test]
fn case_090_mark_line_ends_and_blank_lines_make_no_difference() {
    let table = [
        "path,x\na.mp4,1\nb.mp4,2\n",
        "path,x\na.mp4,1\nb.mp4,2",
        "\u{feff}path,x\r\na.mp4,1\r\nb.mp4,2\r\n",
        "path,x\ra.mp4,1\rb.mp4,2\r",
        "\n\npath,x\n\n\na.mp4,1\r\n\r\nb.mp4,2\n\n",
        "\u{feff}\"path\",\"x\"\n\"a.mp4\",\"1\"\n\"b.mp4\",\"2\"",
    ];
    for text in table {
        assert_eq!(
            read(text.as_bytes()).unwrap(),
            ["a.mp4", "b.mp4"],
            "{text:?}"
        );
    }
}

#[test]
fn every_column_passes_through_and_three_are_understood() {
    let text = format!(
        " Path ;note;NAME;sha256;\n./a.mp4;\"x;\"\"y\"\"\nz\";Caf\u{e9}.mp4; {DIGEST} ;\nb.mp4;;;;\n"
    );
    let dir = library(text.as_bytes());
    let mut manifest = open(dir.path(), ManifestOptions::default()).unwrap();
    assert_eq!(manifest.columns().as_bytes(), b" Path ,note,NAME,sha256,");
    let first = manifest.next().unwrap();
    let expected = Candidate {
        path: dir.path().join("a.mp4"),
        name: Some("Caf\u{e9}.mp4".to_owned()),
        expected_sha256: crate::asset::Sha256::from_hex(DIGEST),
        cells: Cells::encode([
            b"./a.mp4".as_slice(),
            b"x;\"y\"\nz",
            "Caf\u{e9}.mp4".as_bytes(),
            format!(" {DIGEST} ").as_bytes(),
            b"",
        ]),
        refusal: None,
    };
    assert_eq!(first, expected);
    let second = manifest.next().unwrap();
    assert_eq!((second.name, second.expected_sha256), (None, None));
    assert_eq!(manifest.next(), None);
}

#[test]
fn case_092_the_delimiter_is_found_or_taken_as_given() {
    assert_eq!(read(b"id;path\n1;a,b.mp4\n").unwrap(), ["a,b.mp4"]);
    assert_eq!(read(b"id\tpath\n1\ta;b.mp4\n").unwrap(), ["a;b.mp4"]);
    let pipe = ManifestOptions {
        delimiter: Some(b'|'),
        ..ManifestOptions::default()
    };
    assert_eq!(read_with(b"id|path\n1|a.mp4\n", pipe).unwrap(), ["a.mp4"]);
}

#[test]
fn case_091_093_095_100_a_fault_anywhere_stops_before_the_first_row() {
    let long = format!("path\n{}\n", "x".repeat(64 * 1024 + 1));
    let quoted = format!("path\n\"{}\n", "x\n".repeat(64 * 1024));
    let wide = format!("path\n{}\n", ",".repeat(2_000_000));
    let table: [(&[u8], &str); 12] = [
        (b"", "the manifest is empty; "),
        (b"\xff\xfep\0", "the manifest is UTF-16; save as CSV UTF-8"),
        (b"path\na\0b\n", "not text: it holds a NUL byte; "),
        (
            b"id,title\n",
            "no column is named path (or file, filename, filepath): the columns found are id | title; ",
        ),
        (
            b"path,PATH\n",
            "the column \"PATH\" stands twice in the header; ",
        ),
        (
            b"path,x\na,1\n\nb,\"2\nc,3\n",
            "line 4: the quote that opens here is never closed; ",
        ),
        (
            b"path,x\na,\"1\nb,\"2\n",
            "line 2: the quote that opens here closes on line 3 before other text; ",
        ),
        (
            b"path,x\n\"a.mp4,1\nb.mp4,2\",3\n",
            "line 2: the path goes over a line end, and no such file exists; ",
        ),
        (
            b"path,sha256\na,00\n",
            "line 2: the sha256 is not 64 hex digits; ",
        ),
        (long.as_bytes(), "line 2: a field is longer than 64 KiB; "),
        (
            quoted.as_bytes(),
            "line 2: the quote that opens here is not closed within 64 KiB, ",
        ),
        (wide.as_bytes(), "line 2: the row is longer than 1 MiB; "),
    ];
    for (text, words) in table {
        let fault = read(text).unwrap_err();
        let start: String = text.iter().take(40).map(|&b| char::from(b)).collect();
        assert!(
            fault.starts_with(&format!("manifest m.csv: {words}")),
            "{start:?}: {fault}"
        );
    }
}

#[test]
fn case_094_ragged_rows_are_listed_with_line_and_field_count() {
    assert_eq!(
        read(b"path,x\na,1\nb\n\"c\",\"2\n3\"\nd,4,5\n,6\n").unwrap_err(),
        "manifest m.csv: line 3: 1 field where the header has 2; line 6: 3 fields where the \
         header has 2; line 7: no path; correct them, or refuse only these rows with --lenient"
    );
    let many = read(format!("path,x\n{}", "a\n".repeat(25)).as_bytes()).unwrap_err();
    assert!(
        many.contains("line 21: 1 field") && !many.contains("line 22:"),
        "{many}"
    );
    assert!(many.contains("; and 5 more rows; "), "{many}");
}

#[test]
fn case_094_lenient_refuses_the_rows_and_keeps_their_cells() {
    let dir = library(b"path,x\na.mp4,1\nb\nc,2,3\n,4\n\"d\ne\",5\n");
    let manifest = open(dir.path(), lenient()).unwrap();
    assert_eq!(manifest.rows(), 5);
    let rows: Vec<_> = manifest
        .map(|row| (row.cells.fields().join(&b'|'), brief(dir.path(), &row)))
        .map(|(cells, brief)| (String::from_utf8(cells).unwrap(), brief))
        .collect();
    let expected = [
        ("a.mp4|1", "a.mp4"),
        ("b|", "manifest: line 3: 1 field where the header has 2"),
        ("c|2", "manifest: line 4: 3 fields where the header has 2"),
        ("|4", "manifest: line 5: no path"),
        (
            "d\ne|5",
            "manifest: line 6: the path goes over a line end, and no such file exists",
        ),
    ];
    let expected = expected.map(|(cells, brief)| (cells.to_owned(), brief.to_owned()));
    assert_eq!(rows, expected);
}

#[test]
fn case_095_header_only_has_no_rows() {
    for text in ["path", "path,x\n", "\u{feff}path\r\n\r\n"] {
        assert_eq!(read(text.as_bytes()).unwrap(), [""; 0], "{text:?}");
    }
}

#[test]
fn case_101_a_stream_is_read_once_and_relative_to_the_current_folder() {
    let input = ManifestInput::Stream(Box::new(&b"path\na.mp4\nb.mp4\n"[..]));
    let manifest = Manifest::open(input, ManifestOptions::default()).unwrap();
    let here = std::env::current_dir().unwrap();
    let paths: Vec<_> = manifest.map(|row| row.path).collect();
    assert_eq!(paths, [here.join("a.mp4"), here.join("b.mp4")]);
    let empty = ManifestInput::Stream(Box::new(io::empty()));
    let fault = Manifest::open(empty, ManifestOptions::default()).unwrap_err();
    assert!(
        fault
            .to_string()
            .starts_with("manifest -: the manifest is empty")
    );
}

#[cfg(unix)]
#[test]
fn case_101_a_fifo_is_read_once() {
    let dir = library(b"");
    let fifo = dir.path().join("fifo.csv");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status();
    assert!(made.unwrap().success());
    let writer = fifo.clone();
    let writing = std::thread::spawn(move || fs::write(writer, "path\na.mp4\n"));
    let manifest = Manifest::open(ManifestInput::File(fifo), ManifestOptions::default()).unwrap();
    writing.join().unwrap().unwrap();
    assert_eq!(
        manifest.map(|row| row.path).collect::<Vec<_>>(),
        [dir.path().join("a.mp4")]
    );
}

#[test]
fn a_manifest_that_is_none_is_called_what_it_is() {
    let dir = library(b"");
    let refused = |path: &Path| {
        let input = ManifestInput::File(path.to_owned());
        Manifest::open(input, ManifestOptions::default())
            .unwrap_err()
            .fault
    };
    assert!(matches!(refused(dir.path()), ManifestFault::Folder));
    assert!(matches!(
        refused(&dir.path().join("none.csv")),
        ManifestFault::Unreadable(_)
    ));
}

#[test]
fn a_manifest_cut_short_after_the_check_ends_with_a_row_that_says_so() {
    let text = format!("path\n{}", "a.mp4\n".repeat(50_000));
    let dir = library(text.as_bytes());
    let mut manifest = open(dir.path(), ManifestOptions::default()).unwrap();
    fs::write(dir.path().join("m.csv"), "path\n").unwrap();
    let last = manifest.by_ref().last().unwrap();
    let words = "manifest: the manifest changed while it was read: leave it alone and run the same \
                 command again";
    assert_eq!(brief(dir.path(), &last), words);
    assert_eq!(manifest.next(), None);
}

/// What a manifest has to say: the cells of its rows and what each stands for.
fn said(dir: &Path, manifest: &[u8], lenient: bool) -> Result<Vec<(Cells, String)>, String> {
    fs::write(dir.join("m.csv"), manifest).unwrap();
    let options = ManifestOptions {
        lenient,
        ..ManifestOptions::default()
    };
    let manifest = open(dir, options)?;
    let columns = (manifest.columns().clone(), String::new());
    let rows = manifest.map(|row| (row.cells.clone(), brief(dir, &row)));
    Ok([columns].into_iter().chain(rows).collect())
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(400))]

    /// Any bytes are refused in words or read; and what was read, written as the report writes it,
    /// is read the same.
    #[test]
    fn case_090_any_bytes_are_refused_or_read_and_read_the_same_again(
        head in proptest::sample::select(vec!["path,x\n", "path\n", "x;path\r", "\u{feff}path\tx\r\n", ""]),
        body in proptest::collection::vec(proptest::prop_oneof![
            8 => proptest::sample::select(b"a.mp4/,;\t\"\r\n =\xe9\xff%".to_vec()),
            1 => proptest::prelude::any::<u8>(),
        ], 0..80),
        lenient: bool,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let manifest = [head.as_bytes(), &body].concat();
        let Ok(first) = said(dir.path(), &manifest, lenient) else {
            return Ok(());
        };
        let line = |(cells, _): &(Cells, String)| [cells.as_bytes(), b"\n"].concat();
        let again: Vec<u8> = first.iter().flat_map(line).collect();
        let second = said(dir.path(), &again, true).unwrap();
        proptest::prop_assert_eq!(first.len(), second.len());
        for (first, second) in first.iter().zip(&second) {
            proptest::prop_assert_eq!(&first.0, &second.0);
            // Faults name lines, and cells brought to the header's width are no fault any more.
            if !first.1.starts_with("manifest: ") {
                proptest::prop_assert_eq!(&first.1, &second.1);
            }
        }
    }
}

/// Not run by default: `cargo test -- --ignored million`, best with optimisation.
#[test]
#[ignore = "takes seconds without optimisation"]
fn case_100_a_million_rows_are_checked_in_about_a_second() {
    use std::io::Write;
    let dir = library(b"");
    let file = File::create(dir.path().join("m.csv")).unwrap();
    let mut file = io::BufWriter::new(file);
    writeln!(file, "id,path,title,sha256").unwrap();
    for id in 0..1_000_000 {
        let title = format!("\"Clip {id}, \"\"take\"\" two\"");
        writeln!(
            file,
            "{id},videos/2024/{:03}/clip {id}.mp4,{title},{DIGEST}",
            id % 1000
        )
        .unwrap();
    }
    file.flush().unwrap();
    let start = std::time::Instant::now();
    let manifest = open(dir.path(), ManifestOptions::default()).unwrap();
    let checked = start.elapsed();
    assert_eq!(manifest.rows(), 1_000_000);
    assert_eq!(
        manifest.filter(|row| row.refusal.is_none()).count(),
        1_000_000
    );
    println!(
        "checked in {checked:?}, read in {:?}",
        start.elapsed().saturating_sub(checked)
    );
    if let Ok(status) = fs::read_to_string("/proc/self/status") {
        println!(
            "{}",
            status
                .lines()
                .find(|line| line.starts_with("VmHWM"))
                .unwrap()
        );
    }
}
