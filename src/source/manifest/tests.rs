//! Manifests as people write them, each read whole: what comes of it, or the words against it.

mod any;
mod faults;
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
    match &row.failure {
        Some(failure) => failure.to_string(),
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
        expected_sha256: crate::model::Sha256::from_hex(DIGEST),
        cells: Cells::encode([
            b"./a.mp4".as_slice(),
            b"x;\"y\"\nz",
            "Caf\u{e9}.mp4".as_bytes(),
            format!(" {DIGEST} ").as_bytes(),
            b"",
        ]),
        failure: None,
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
fn case_157_a_first_line_that_names_the_delimiter_is_obeyed_and_counted() {
    let table = [
        "sep=;\nx;path\n1,5;a.mp4\n",
        "\u{feff}sep=;\r\nx;path\r\n1,5;a.mp4\r\n",
        "\"sep=;\"\rx;path\r1,5;a.mp4\r",
        "SEP=;;\n\nx;path\n1,5;a.mp4",
        "sep=|\nx|path\n1,5;|a.mp4\n",
        "sep=\t\nx\tpath\n1,5;\ta.mp4\n",
        "sep=,\nx,path\n1;5,a.mp4\n",
    ];
    for text in table {
        assert_eq!(read(text.as_bytes()).unwrap(), ["a.mp4"], "{text:?}");
    }
    let fault = read(b"sep=;\r\nx;path\r\n1;a.mp4\r\n2\r\n").unwrap_err();
    assert!(fault.contains("line 4: 1 field where"), "{fault}");
    let pipe = ManifestOptions {
        delimiter: Some(b'|'),
        ..ManifestOptions::default()
    };
    let text = b"sep=;\nid|path\n1;2|a.mp4\n";
    assert_eq!(read_with(text, pipe).unwrap(), ["a.mp4"]);
    for none in ["sep=", "sep=;", "sep=;x\npath\n", "sep=\"\npath\n"] {
        read(none.as_bytes()).unwrap_err();
    }
}

#[test]
fn case_151_what_spreadsheets_leave_at_the_end_is_no_row() {
    let ends = [
        ",\n,\n",
        "\"\",\"\"\r\n",
        " , \n\n",
        "\x1a",
        ",\n\x1a\r\n",
        ",,,,,\n",
        "\u{a0},\n",
    ];
    for end in ends {
        let text = format!("path,x\na.mp4,1\n{end}");
        assert_eq!(read(text.as_bytes()).unwrap(), ["a.mp4"], "{end:?}");
    }
    assert_eq!(
        read(b"path\na.mp4\n\"\"\nb.mp4\x1a").unwrap(),
        ["a.mp4", "b.mp4"]
    );
    assert!(
        read(b"path,x\n,1\n")
            .unwrap_err()
            .contains("line 2: no path")
    );
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

#[test]
fn case_101_a_stream_that_is_no_manifest_is_not_read_to_its_end() {
    let endless = ManifestInput::Stream(Box::new(io::repeat(0)));
    let fault = Manifest::open(endless, ManifestOptions::default()).unwrap_err();
    assert!(matches!(fault.fault, ManifestFault::Binary), "{fault}");
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
