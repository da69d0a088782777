//! Random input for every room that reads what others wrote: nothing may panic, and what comes out
//! is what the room promises.
//!
//! In the ordinary tests each target runs for a moment. For long:
//!
//! ```text
//! MAVI_FUZZ_SECONDS=600 cargo test --release --lib fuzz:: -- --nocapture
//! ```
//!
//! Each target then says how many inputs it saw; one that breaks a promise is shrunk and shown.

use std::cell::Cell;
use std::time::{Duration, Instant};

use bytes::Bytes;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use crate::api::{Fault, HttpAnswer, meaning};
use crate::body::head;
use crate::model::Endpoint;
use crate::source::{Manifest, ManifestInput, ManifestOptions};
use crate::text::{harmless, plain, without_queries};
use mavi_sandbox::Faults;

/// Inputs between two readings of the clock.
const ROUND: u32 = 256;

type Checked = Result<(), TestCaseError>;

/// Checks random inputs for as long as the environment says; every run draws anew, and says from
/// what when something is found.
fn fuzz<S: Strategy>(name: &str, inputs: &S, check: impl Fn(S::Value) -> Checked) {
    let seconds = std::env::var("MAVI_FUZZ_SECONDS").map_or(0.3, |text| text.parse().unwrap());
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    let cases = Cell::new(0_u64);
    while cases.get() == 0 || Instant::now() < end {
        let config = Config {
            cases: ROUND,
            failure_persistence: None,
            ..Config::default()
        };
        let seed: [u8; 32] = std::array::from_fn(|_| fastrand::u8(..));
        let random = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
        let found = TestRunner::new_with_rng(config, random).run(inputs, |input| {
            cases.set(cases.get() + 1);
            check(input)
        });
        if let Err(found) = found {
            panic!("{name}: after {} inputs: {found}", cases.get());
        }
    }
    println!("{name}: {} inputs, nothing found", cases.get());
}

/// What a terminal could obey.
fn is_obeyed(c: char) -> bool {
    c.is_control()
        || ('\u{202a}'..='\u{202e}').contains(&c)
        || ('\u{2066}'..='\u{2069}').contains(&c)
}

/// Good input with pieces cut out, doubled, replaced or put in.
fn mutated(seeds: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..4),
        prop::sample::select(
            &[
                "\"",
                "{",
                "}",
                "[",
                "]",
                "null",
                "-1",
                "1e999",
                "99999999999999999999",
                "\\u0000",
                "\\ud800",
                ",",
                ":",
                ";",
                "\n",
                "\r",
                "\t",
                "\0",
                "=",
                "'",
                "\u{feff}",
                "\u{202e}",
                "true",
                "\"code\":200,",
                "[[rule]]",
                "%",
                "..",
            ][..]
        )
        .prop_map(|text| text.as_bytes().to_vec()),
    ];
    let edit = (any::<prop::sample::Index>(), 0_usize..12, piece);
    let edits = prop::collection::vec(edit, 0..6);
    (prop::sample::select(seeds), edits).prop_map(|(seed, edits)| {
        let mut bytes = seed.as_bytes().to_vec();
        for (at, length, piece) in edits {
            let at = at.index(bytes.len() + 1);
            let end = (at + length).min(bytes.len());
            bytes.splice(at..end, piece);
        }
        bytes
    })
}

fn any_or_mutated(seeds: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        mutated(seeds),
        mutated(seeds)
    ]
}

const ANSWERS: &[&str] = &[
    r#"{"code":200,"msg":"success","data":{"asset_id":"re_660736410386149376","signed_url":"https://storage.example/x?s=1","expires_in":93600},"success":true,"failed":false}"#,
    r#"{"code":"0000","data":{"total":1,"resource":[{"extension":"mp4","asset_id":"re_1","original_filename":"3","file_size":"133652816","upload_status":"SUCCESS","create_time":"1766989317192"}]}}"#,
    r#"{"code":"0429","msg":"too fast","data":null,"success":false,"failed":true}"#,
    r#"{"timestamp":"2025-01-01T00:00:00Z","path":"/x","status":503,"error":"Service Unavailable","requestId":"a"}"#,
    "<html><body>log in</body></html>",
];

/// The words of a fault, where it has some.
fn words(fault: &Fault) -> &str {
    match fault {
        Fault::Conflict(text)
        | Fault::UnsupportedMedia(text)
        | Fault::Rejected(_, text)
        | Fault::Api(_, text)
        | Fault::NotFound(text)
        | Fault::Server(_, text)
        | Fault::Redirect(text)
        | Fault::Protocol(text)
        | Fault::NotJson(text) => text,
        _ => "",
    }
}

#[test]
fn case_023_any_answer_has_a_meaning() {
    let endpoint = prop::sample::select(
        &[
            Endpoint::Sign,
            Endpoint::Send,
            Endpoint::Status,
            Endpoint::Direct,
            Endpoint::Delete,
        ][..],
    );
    let status = prop_oneof![Just(200), 100_u16..600];
    let header = || {
        prop::option::of(prop_oneof![
            ".*",
            "[a-z]+/[a-z]+",
            "[0-9]{1,20}",
            "https?://.*"
        ])
    };
    let headers = (header(), header(), header());
    let inputs = (endpoint, status, headers, any_or_mutated(ANSWERS));
    fuzz(
        "answers",
        &inputs,
        |(endpoint, status, (content_type, retry_after, location), body)| {
            let body = Bytes::from(body);
            let answer = HttpAnswer {
                status,
                content_type,
                retry_after,
                location,
                body,
            };
            match meaning(endpoint, &answer) {
                Ok(_) => prop_assert!(
                    (200..300).contains(&status) || status == 404,
                    "{status} is a success"
                ),
                Err(fault) => {
                    prop_assert!(!words(&fault).contains(is_obeyed), "{fault:?}");
                    prop_assert!(words(&fault).chars().count() <= 400, "{fault:?}");
                    if let Fault::Throttled { retry_after, .. } = fault {
                        prop_assert!(retry_after.unwrap_or_default() <= Duration::from_secs(300));
                    }
                }
            }
            Ok(())
        },
    );
}

const MANIFESTS: &[&str] = &[
    "path,title\na.mp4,A\nb.mp4,\"B, quoted\"\n",
    "\u{feff}file;name;sha256\r\na.mp4;x;\r\n\"two\r\nlines.mp4\";y;\r\n",
    "title\tfilepath\nA\ta.mp4\n\nB\tb.mp4",
    "path\n=cmd\n\"a\"\"b\"\n",
];

#[test]
fn case_093_any_manifest_is_read_or_refused() {
    let delimiter = prop::option::of(prop::sample::select(&b",;\t|"[..]));
    let inputs = (any_or_mutated(MANIFESTS), delimiter, any::<bool>());
    fuzz("manifests", &inputs, |(bytes, delimiter, lenient)| {
        let root = Some("/nowhere".into());
        let options = ManifestOptions {
            root,
            delimiter,
            lenient,
            ..ManifestOptions::default()
        };
        let input = ManifestInput::Stream(Box::new(std::io::Cursor::new(bytes)));
        match Manifest::open(input, options) {
            // What was counted when it was checked is what there is when it is read.
            Ok(manifest) => {
                let rows = manifest.rows();
                prop_assert_eq!(manifest.count() as u64, rows);
            }
            Err(error) => {
                let shown = error.to_string();
                prop_assert!(
                    !shown.contains(|c: char| c != '\n' && is_obeyed(c)),
                    "{:?}",
                    shown
                );
            }
        }
        Ok(())
    });
}

#[test]
fn case_082_any_name_leaves_one_part_header() {
    fuzz("part headers", &any::<String>(), |name| {
        let head = head("boundary", &name);
        let text = std::str::from_utf8(&head).unwrap();
        let lines: Vec<_> = text.split("\r\n").collect();
        prop_assert_eq!(lines.len(), 5, "{:?}", text);
        prop_assert!(
            !lines.iter().any(|line| line.contains(['\r', '\n'])),
            "{:?}",
            text
        );
        let quoted =
            lines[1].strip_prefix("Content-Disposition: form-data; name=\"file\"; filename=\"");
        let quoted = quoted.and_then(|rest| rest.strip_suffix('"'));
        let quoted = quoted.ok_or_else(|| TestCaseError::fail("no file name"))?;
        prop_assert!(!quoted.contains('"'), "{}", quoted);
        // As browsers write it, and so as servers read it.
        prop_assert_eq!(
            quoted
                .replace("%22", "\"")
                .replace("%0D", "\r")
                .replace("%0A", "\n"),
            name.replace("%22", "\"")
                .replace("%0D", "\r")
                .replace("%0A", "\n")
        );
        Ok(())
    });
}

#[test]
fn case_137_any_text_is_shown_without_a_byte_that_is_obeyed() {
    let texts = prop_oneof![
        any::<String>(),
        "(https?://[a-z.]{1,8}(\\?[a-z=&]{0,8})?[ \"'<>\\x1b]?){0,4}"
    ];
    fuzz("terminal", &texts, |text| {
        let shown = plain(&text);
        prop_assert!(!shown.contains(is_obeyed), "{:?}", shown);
        prop_assert!(shown.chars().count() <= 300);
        let whole = harmless(&text);
        prop_assert!(
            !whole.contains(|c: char| c != '\n' && is_obeyed(c)),
            "{:?}",
            whole
        );
        prop_assert_eq!(whole.matches('\n').count(), text.matches('\n').count());
        let stripped = without_queries(&text);
        for word in stripped.split(|c: char| c.is_whitespace() || "\"'<>".contains(c)) {
            prop_assert!(
                !word
                    .find("://")
                    .is_some_and(|url| word[url..].contains('?')),
                "{:?}",
                stripped
            );
        }
        Ok(())
    });
}

const SCRIPTS: &[&str] = &[
    include_str!("../../examples/faults/hostile.toml"),
    include_str!("../../examples/faults/refusals.toml"),
    include_str!("../../examples/faults/stalls.toml"),
    include_str!("../../examples/faults/outage.toml"),
    "[[rule]]\ncall = 'send'\nfile = '*.mp4'\nread = '50%'\nthen = { status = 503, repeat = 3, cut = '10%' }\n",
    "[[limit]]\nafter = '60s'\ncall = ['send', 'sign']\nrate = 0.5\nstyle = 'slow-down'\nother-client = 0.25\n",
];

#[test]
fn any_script_of_faults_is_read_or_refused() {
    fuzz("fault scripts", &any_or_mutated(SCRIPTS), |bytes| {
        let text = String::from_utf8_lossy(&bytes);
        if let Err(error) = text.parse::<Faults>() {
            prop_assert!(!error.to_string().is_empty());
        }
        Ok(())
    });
}
