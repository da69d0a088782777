//! Names that break parsers: what the service hears is what the file is called.

use std::io::Write as _;
use std::process::{Command, Stdio};

use http_body::Body as _;
use mavi_upload::api::FileBody;
use mavi_upload::internals::{FileBodyOptions, LocalFile};

use crate::common::{Bench, content, held, sandbox, sha256, upload};

const HARD_NAMES: [&str; 16] = [
    "quo\"te.mov",
    "sp ace é 日本.mkv",
    "semi;colon.webm",
    "per%20cent.mp4",
    "rtl\u{202e}4pm.exe.mp4",
    "zero\u{200b}\u{200d}\u{feff}width.mp4",
    "--help.mp4",
    // With the number in front and `.mp4` behind, the 255 bytes that a name may have.
    concat!(
        "ééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé",
        "ééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé",
        "eee.mp4"
    ),
    "carriage\rreturn.mp4",
    "line\nfeed.mp4",
    "both\r\nX-Header: 1.mp4",
    "back\\slash.avi",
    "esc\u{1b}[31m.mp4",
    "emoji🎬.mp3",
    "nfd e\u{301}.wav",
    "'single' & <tag>.png",
];

#[tokio::test]
async fn case_082_two_hundred_files_with_hard_names_arrive_as_they_are() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    let mut random = fastrand::Rng::with_seed(7);
    for (i, name) in HARD_NAMES.iter().cycle().take(200).enumerate() {
        let size = if i == 0 { 1 } else { random.usize(1..300_000) };
        bench.file(&format!("{i:03} {name}"), size);
    }
    let mut settings = bench.settings(&sandbox);
    settings.concurrency = "16".parse().unwrap();
    let summary = upload(settings, bench.walk()).await.unwrap();
    assert_eq!((summary.counts.success, summary.counts.rows()), (200, 200));
    let (rows, assets) = (bench.rows(), sandbox.assets());
    assert_eq!((rows.len(), assets.len()), (200, 200));
    for row in rows {
        let asset = held(&assets, &row["asset_id"]);
        let path = std::path::Path::new(&row["path"]);
        let bytes = std::fs::read(path).unwrap();
        assert_eq!(
            asset.sent_filename.as_deref(),
            path.file_name().unwrap().to_str()
        );
        assert_eq!(row["bytes"], bytes.len().to_string());
        assert_eq!(row["sha256"], sha256(&bytes));
        assert_eq!(asset.sha256.as_ref(), Some(&row["sha256"]));
    }
}

/// The same against a parser this project did not write. Skipped where Python, or `PyPI`'s
/// `multipart`, is missing.
#[tokio::test]
async fn case_082_an_independent_parser_reads_the_same_names() {
    let bench = Bench::new();
    for name in HARD_NAMES {
        let path = bench.file(name, 5_000);
        let mut parcel = FileBody::start(
            LocalFile::open(&path).unwrap(),
            name,
            FileBodyOptions::default(),
        );
        let (content_type, length) = (parcel.content_type(), parcel.length());
        let mut body = Vec::new();
        while let Some(frame) =
            std::future::poll_fn(|context| std::pin::Pin::new(&mut parcel).poll_frame(context))
                .await
        {
            body.extend_from_slice(&frame.unwrap().into_data().unwrap());
        }
        assert_eq!(body.len() as u64, length);
        let Some(part) = parsed_by_python(&content_type, &body) else {
            println!("skipped: Python 3 with PyPI's `multipart` is not here");
            return;
        };
        assert_eq!(part["filename"], name);
        assert_eq!(part["name"], "file");
        assert_eq!(part["sha256"], sha256(&content(name, 5_000)));
    }
}

fn parsed_by_python(content_type: &str, body: &[u8]) -> Option<serde_json::Value> {
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/python/parse_multipart.py"
    );
    let python = std::env::var("MAVI_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut child = Command::new(python)
        .args([script, content_type])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    // A script that leaves at once has closed its end.
    let _ = child.stdin.take().unwrap().write_all(body);
    let output = child.wait_with_output().unwrap();
    if output.status.code() == Some(3) {
        return None;
    }
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let lines: Vec<_> = output
        .stdout
        .split(|b| *b == b'\n')
        .filter(|l| !l.is_empty())
        .collect();
    assert_eq!(lines.len(), 1, "exactly one part");
    serde_json::from_slice(lines[0]).ok()
}
