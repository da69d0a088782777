//! What a manifest is refused for as a whole, and its rows one by one.

use super::*;

fn lenient() -> ManifestOptions {
    ManifestOptions {
        lenient: true,
        ..ManifestOptions::default()
    }
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

#[test]
fn case_160_a_name_that_no_file_can_have_is_refused_by_line_and_column() {
    let long = format!("{}.mp4", "x".repeat(296));
    let table = [
        ("..", "dots alone"),
        (".", "dots alone"),
        ("v/a.mp4", "a path and not a name"),
        ("../a.mp4", "a path and not a name"),
        (&long, "more than 255 bytes"),
        ("\"a\n.mp4\"", "a control character"),
        ("a\t.mp4", "a control character"),
        ("a\u{1b}[31m.mp4", "a control character"),
        ("a\u{85}.mp4", "a control character"),
    ];
    for (name, words) in table {
        let text = format!("name,path\n,a.mp4\n{name},a.mp4\n");
        let fault = read(text.as_bytes()).unwrap_err();
        let right = format!("manifest m.csv: line 3: the name column holds {words}");
        assert!(fault.starts_with(&right), "{name:?}: {fault}");
        let rows = read_with(text.as_bytes(), lenient()).unwrap();
        assert!(
            rows[1].starts_with("manifest: line 3: the name column"),
            "{rows:?}"
        );
    }
    let most = format!("{}.mp4", "x".repeat(251));
    for good in [
        most.as_str(),
        "..mp4",
        "a b, c",
        "caf\u{e9}.mp4",
        r"a\b.mp4",
        " ",
    ] {
        let text = format!("name,path\n\"{good}\",a.mp4\n");
        assert_eq!(read(text.as_bytes()).unwrap(), ["a.mp4"], "{good:?}");
    }
}
