use std::io::Write as _;

use super::*;
use crate::verify::{AssetSample, VerifyScope};

const SHA: &str = "0000000000000000000000000000000000000000000000000000000000000001";

fn header() -> String {
    format!("title,path,{}", COLUMNS.join(","))
}

fn open_text(text: &str) -> (tempfile::NamedTempFile, Result<Report, ReadError>) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let report = Report::open(file.path());
    (file, report)
}

fn rows(text: &str) -> Vec<ReportedRow> {
    let (_file, report) = open_text(text);
    let rows = report.unwrap().rows().unwrap();
    rows.map(Result::unwrap).collect()
}

fn report() -> String {
    let rows = [
        format!("A,a.mp4,re_1,success,5000,{SHA},1,2026-01-02T03:04:05Z,,,"),
        "B,b.mp4,,failed,7,,0,,,io,broken".to_owned(),
        "\"C, c\",c.mp4,re_1,pending,,,0,,,,".to_owned(),
    ];
    format!("{}\n{}\n", header(), rows.join("\n"))
}

#[test]
fn case_090_092_a_report_comes_back_from_a_spreadsheet_the_same() {
    let ours = report();
    let read = rows(&ours);
    let reported = |line, name: &str, bytes, sha256| ReportedAsset {
        line,
        name: name.to_owned(),
        asset_id: AssetId::parse("re_1").unwrap(),
        pending: line == 4,
        bytes,
        sha256,
    };
    let expected = [
        ReportedRow::Asset(reported(2, "a.mp4", Some(5_000), Sha256::from_hex(SHA))),
        ReportedRow::Other(Status::Failed),
        ReportedRow::Asset(reported(4, "c.mp4", None, None)),
    ];
    assert_eq!(read, expected);
    // Excel leaves empty fields at the ends of rows away.
    let short = ours.replace("Z,,,\n", "Z\n").replace("0,,,,\n", "0\n");
    let quoted = short.replace("\"C, c\"", "C").replace(',', ";");
    let excel = format!("\u{feff}{}", quoted.replace('\n', "\r\n"));
    let tabs = quoted.replace(';', "\t");
    for text in [short, excel, tabs] {
        assert_eq!(rows(&text), expected, "{text:?}");
    }
}

#[test]
fn what_is_no_report_is_refused_with_its_line() {
    let table = [
        ("path,notes\na,b\n".to_owned(), "is no report of mavi's"),
        (String::new(), "is no report of mavi's"),
        (
            report().replace("re_1,success", "re 1,success"),
            "line 2: no asset id",
        ),
        (
            report().replace("re_1,success", ",success"),
            "line 2: no asset id",
        ),
        (report().replace("5000", "5E+03"), "line 2: its bytes"),
        (report().replace(SHA, "1E+00"), "line 2: its sha256"),
        (report().replace("failed", "Failed"), "line 3: no status"),
        (
            report().replace("broken", "broken,x"),
            "line 3: not as many",
        ),
        (
            report().replace("c.mp4,re_1,pending,,,0,,,,", "c.mp4"),
            "line 4: not as many",
        ),
    ];
    for (text, words) in table {
        let (_file, report) = open_text(&text);
        let scope = report.and_then(|report| VerifyScope::of(&report, AssetSample::WHOLE));
        let error = scope.unwrap_err().to_string();
        assert!(error.contains(words), "{text:?}: {error}");
    }
}
