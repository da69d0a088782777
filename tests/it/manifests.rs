//! Manifests as people write them, read by the real binary: a fault anywhere stops it before the
//! first call, and rows that can be understood go up as they are.

mod rows;

use std::fs;

use crate::job::Job;

fn write(job: &Job, manifest: impl AsRef<[u8]>) {
    fs::write(job.bench.library().join("m.csv"), manifest).unwrap();
}

const MANIFEST: [&str; 2] = ["-m", "library/m.csv"];

fn statuses(job: &Job) -> Vec<String> {
    let rows = job.rows().into_iter();
    rows.map(|row| {
        format!("{} {}", row["status"], row["error_code"])
            .trim_end()
            .to_owned()
    })
    .collect()
}

#[tokio::test]
async fn case_089a_a_fault_anywhere_ends_with_2_and_nothing_is_sent_or_written() {
    let job = Job::new().await;
    job.files(2, 1000);
    let good = "000.mp4,x\n".repeat(3000);
    let good = good.as_bytes();
    let long = "x".repeat(10_000_000);
    let utf16: Vec<u8> = "path,x\r\n000.mp4,1\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let table: [(&str, Vec<u8>, &[&str]); 10] = [
        (
            "91",
            [b"\xff\xfe".as_slice(), &utf16].concat(),
            &["UTF-16", "save as CSV UTF-8"],
        ),
        (
            "92",
            b"a;b\n000.mp4;1\n".to_vec(),
            &["columns found are a;b", "--delimiter"],
        ),
        (
            "93",
            [b"path,x\n", good, b"001.mp4,\"open\n000.mp4,1\n"].concat(),
            &["line 3002: the quote that opens here is never closed"],
        ),
        (
            "93, a path over lines",
            b"path,x\n\"000.mp4,1\n001.mp4\",2\n".to_vec(),
            &["line 2: the path goes over a line end"],
        ),
        (
            "94",
            [b"path,x\n", good, b"001.mp4\n"].concat(),
            &["line 3002: 1 field where the header has 2", "--lenient"],
        ),
        (
            "95, no path",
            b"title,note\n000.mp4,1\n".to_vec(),
            &["columns found are title | note"],
        ),
        (
            "95, twice",
            b"path,Path\n000.mp4,1\n".to_vec(),
            &["\"Path\" stands twice"],
        ),
        ("95, nothing", Vec::new(), &["the manifest is empty"]),
        (
            "100, a field",
            [b"path,x\n000.mp4,", long.as_bytes(), b"\n"].concat(),
            &["line 2: a field is longer than 64 KiB"],
        ),
        (
            "100, a line",
            [
                b"path,x\n000.mp4,".as_slice(),
                &b"1,".repeat(5_000_000),
                b"\n",
            ]
            .concat(),
            &["line 2: the row is longer than 1 MiB"],
        ),
    ];
    for (case, manifest, words) in table {
        write(&job, manifest);
        let end = job.run(&MANIFEST).await;
        assert_eq!(end.code, Some(2), "case {case}: {}", end.words);
        assert!(
            end.words.contains("manifest library/m.csv: "),
            "case {case}: {}",
            end.words
        );
        end.is(2, words);
        assert!(
            !job.bench.report().exists() && !job.ledger().exists(),
            "case {case}"
        );
    }
    let own = ["-r", "./library/m.csv", "--overwrite"];
    job.run(&[&MANIFEST[..], &own].concat())
        .await
        .is(2, &["library/m.csv: is the manifest"]);
    assert_eq!(job.calls(), 0);
}

#[tokio::test]
async fn case_090_092_what_spreadsheets_write_is_read_the_same() {
    let rows = |d: &str, end: &str| {
        ["note,path", "\"a,b;c\",000.mp4", ",001.mp4"]
            .join(end)
            .replacen("note,", &format!("note{d}"), 1)
            .replace("c\",", &format!("c\"{d}"))
            .replace(&format!("{end},001"), &format!("{end}{d}001"))
    };
    for (delimiter, end) in [(",", "\n"), (";", "\r\n"), ("\t", "\r"), (";", "\n\n")] {
        let job = Job::new().await;
        job.files(2, 1000);
        write(&job, format!("\u{feff}{}", rows(delimiter, end)));
        job.run(&MANIFEST).await.is(0, &["2 success"]);
        let read: Vec<_> = job.rows().iter().map(|row| row["note"].clone()).collect();
        assert_eq!(read, ["a,b;c", ""], "{delimiter:?} {end:?}");
        job.all_stored_once(2);
    }
}

#[tokio::test]
async fn case_094_lenient_fails_the_rows_that_cannot_be_used_alone() {
    let job = Job::new().await;
    job.files(2, 1000);
    write(&job, "path,x\n000.mp4,1\nragged\n001.mp4,2\n");
    let args = [&MANIFEST[..], &["--lenient"]].concat();
    job.run(&args)
        .await
        .is(1, &["line 3: 1 field where the header has 2"]);
    assert_eq!(statuses(&job), ["success", "failed manifest", "success"]);
}

#[tokio::test]
async fn case_095_a_header_alone_is_a_job_of_no_files() {
    let job = Job::new().await;
    write(&job, "path,x\n");
    let words = ["warning: the manifest has a header and no rows: 0 files"];
    job.run(&MANIFEST).await.is(0, &words);
    assert_eq!(
        fs::read_to_string(job.bench.report())
            .unwrap()
            .lines()
            .count(),
        1
    );
    assert_eq!(job.calls(), 0);
}
