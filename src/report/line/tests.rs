use super::*;
use crate::ledger::Status;

fn row() -> ReportRow {
    ReportRow {
        cells: Cells::encode([b"a,b.mp4".as_slice(), b"=1+1"]),
        asset_id: Some("re_1".to_owned()),
        status: Status::Failed,
        bytes: Some(7),
        sha256: None,
        attempts: 2,
        uploaded_at: None,
        confirmed_at: None,
        error_code: Some("io".to_owned()),
        error: Some("reading failed: \"x\", y".to_owned()),
    }
}

#[test]
fn manifest_columns_stay_as_they_are_and_ours_follow() {
    let line = {
        let mut line = Vec::new();
        csv(&mut line, &row());
        String::from_utf8(line).unwrap()
    };
    assert_eq!(
        line,
        "\"a,b.mp4\",=1+1,re_1,failed,7,,2,,,io,\"reading failed: \"\"x\"\", y\"\n"
    );
}

#[test]
fn a_column_named_like_ours_is_renamed() {
    let columns = Cells::encode([b"path".as_slice(), b"status", b"bytes", b"manifest_bytes"]);
    let header = String::from_utf8(header(Format::Csv, &columns)).unwrap();
    let begins = "path,manifest_status,manifest_manifest_bytes,manifest_bytes,asset_id,status,";
    assert!(header.starts_with(begins), "{header}");
}

#[test]
fn json_lines_have_typed_values() {
    let names = vec![b"path".to_vec(), b"note".to_vec()];
    let value: Value = serde_json::from_slice(&json(&names, &row())).unwrap();
    assert_eq!(value["bytes"], 7);
    assert_eq!(value["sha256"], Value::Null);
    assert_eq!(value["path"], "a,b.mp4");
}
