use super::*;

fn found(head: &[u8], given: Option<u8>) -> Result<(char, usize), String> {
    Dialect::find(head, given)
        .map(|dialect| (char::from(dialect.delimiter), dialect.columns.path))
        .map_err(|fault| fault.to_string())
}

#[test]
fn case_092_semicolon_and_tab_are_found_from_the_header() {
    let table: [(&str, char, usize); 12] = [
        ("path", ',', 0),
        ("path,name", ',', 0),
        ("\u{feff}path\r\n", ',', 0),
        ("id,path;x", ';', 9),
        ("id;path", ';', 1),
        ("\"id\";\"path\"", ';', 1),
        ("id\tpath", '\t', 1),
        ("id, File ,x", ',', 1),
        ("FILENAME;x", ';', 0),
        ("x\tFilePath", '\t', 1),
        ("file,path", ',', 1),
        ("\n\r\n,,path,", ',', 2),
    ];
    for (header, delimiter, path) in table {
        let expected = (path != 9).then_some((delimiter, path));
        assert_eq!(found(header.as_bytes(), None).ok(), expected, "{header:?}");
    }
    assert_eq!(found(b"id|path", Some(b'|')), Ok(('|', 1)));
}

#[test]
fn case_091_095_each_fault_of_the_head_has_its_words() {
    let table: [(&[u8], Option<u8>, &str); 12] = [
        (
            b"\xff\xfep\0a\0",
            None,
            "the manifest is UTF-16; save as CSV UTF-8",
        ),
        (
            b"\xfe\xff\0p\0a",
            None,
            "the manifest is UTF-16; save as CSV UTF-8",
        ),
        (b"path\na\0.mp4", None, "not text: it holds a NUL byte"),
        (b"", None, "the manifest is empty"),
        (b"\xef\xbb\xbf\r\n\n", None, "the manifest is empty"),
        (
            b"id,title\x1b\n",
            None,
            "no column is named path (or file, filename, filepath): the columns found are id | title\\x1b",
        ),
        (b"id;path", Some(b','), "no column is named path"),
        (
            b"\"id\";\"title\"",
            None,
            "no column is named path (or file, filename, filepath): the columns found are id | title;",
        ),
        (
            b"path,Name, name ",
            None,
            "the column \" name \" stands twice",
        ),
        (b"id;path;id", None, "the column \"id\" stands twice"),
        (
            b"file,filename",
            None,
            "more than one column could be the path",
        ),
        (
            b"path",
            Some(b'"'),
            "a quote or a line end cannot be the delimiter",
        ),
    ];
    for (head, given, words) in table {
        let fault = found(head, given).unwrap_err();
        assert!(fault.starts_with(words), "{head:?}: {fault}");
    }
}
