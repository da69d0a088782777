//! `--progress json`: each line the binary writes is of the schema beside the docs, and the docs name all that is
//! in the schema.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::command::{SHORT_RESTS, unlimited_upload};
use crate::common::{Bench, scripted_sandbox};
use crate::running::ended;

const KEY: &str = "sk-progress";

/// A file that is tried again, one whose first asset is given up, an early call, and a type that is not taken.
const FAULTS: &str = r#"
[[rule]]
call = "send"
file = "b.mp4"
nth = 1
then = "reset"
[[rule]]
call = "sign"
file = "c.mp4"
nth = 1
then = "failed"
[[rule]]
call = "sign"
file = "d.mp4"
nth = 1
then = "throttle"
[[rule]]
call = "sign"
file = "e.mp4"
then = "unsupported"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn every_line_is_of_the_schema() {
    let (bench, sandbox) = (Bench::new(), scripted_sandbox(KEY, FAULTS).await);
    for name in ["a.mp4", "b.mp4", "c.mp4", "d.mp4", "e.mp4"] {
        bench.file(name, 2_000 + usize::from(name.as_bytes()[0]));
    }
    fs::copy(bench.library().join("a.mp4"), bench.library().join("f.mp4")).unwrap();
    bench.manifest("path\na.mp4\nb.mp4\nc.mp4\nd.mp4\ne.mp4\nf.mp4\na.mp4\nmissing.mp4\n");
    let (schema, mut seen) = (schema(), BTreeSet::new());
    // The second run skips what the first one did.
    for _ in 0..2 {
        let text = progress(&bench, sandbox.base_url()).await;
        let events: Vec<_> = text.lines().map(|line| event(line, &schema)).collect();
        assert_eq!(events.last().unwrap(), "ended");
        let (sent, bytes) = bytes_at_the_end(&text);
        assert_eq!(sent, bytes, "failed files are to be sent no more");
        seen.extend(events);
    }
    let expected = [
        "started",
        "listed",
        "skipped",
        "signing",
        "sending",
        "sent",
        "shared",
        "confirmed",
        "retrying",
        "abandoned",
        "failed",
        "throttled",
        "progress",
        "ended",
    ];
    let missing: Vec<_> = expected
        .iter()
        .filter(|event| !seen.contains(**event))
        .collect();
    assert!(missing.is_empty(), "this job shows no {missing:?}");
}

/// What a run writes.
async fn progress(bench: &Bench, base_url: &str) -> String {
    let mut upload = unlimited_upload(bench.folder.path(), KEY, base_url);
    upload
        .args(SHORT_RESTS)
        .args(["--retries", "1", "--dedupe", "--progress", "json"])
        .args(["-m", "library/manifest.csv"]);
    ended(upload).await.data
}

/// How many bytes were sent at last, and of how many.
fn bytes_at_the_end(text: &str) -> (Value, Value) {
    let objects = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let mut progress = objects.filter(|object: &Value| object["event"] == "progress");
    let mut last = progress.next_back().unwrap();
    (last["bytes_sent"].take(), last["bytes"].take())
}

/// The event of a line, which is as the schema has it.
fn event(line: &str, schema: &Value) -> String {
    let value: Value = serde_json::from_str(line).unwrap();
    let event = value["event"].as_str().unwrap();
    let branch = branches(schema).find(|branch| branch["title"] == event);
    let branch = branch.unwrap_or_else(|| panic!("the schema has no `{event}`: {line}"));
    if let Err(fault) = check(&value, branch) {
        panic!("{fault}: {line}");
    }
    event.to_owned()
}

#[test]
fn the_docs_name_the_events_and_fields_of_the_schema() {
    let (schema, text) = (schema(), docs("progress.md"));
    let rows = text.lines().filter_map(|line| {
        let (events, fields) = line.strip_prefix("| `")?.split_once(" | ")?;
        Some((format!("`{events}"), fields))
    });
    let rows: Vec<_> = rows.collect();
    for branch in branches(&schema) {
        let event = format!("`{}`", branch["title"].as_str().unwrap());
        let row = rows.iter().find(|(events, _)| events.contains(&event));
        let (_, fields) = row.unwrap_or_else(|| panic!("docs/progress.md has no {event}"));
        let all = branch["properties"].as_object().unwrap().keys();
        let own = all.filter(|name| !["v", "time", "event"].contains(&name.as_str()));
        for name in own {
            let is_there = fields.contains(&format!("`{name}`"));
            assert!(
                is_there,
                "docs/progress.md does not name `{name}` of {event}"
            );
        }
    }
    let titles = branches(&schema).map(|branch| format!("`{}`", branch["title"].as_str().unwrap()));
    let titles: Vec<_> = titles.collect();
    let named = rows.iter().flat_map(|(events, _)| events.split(", "));
    let strange: Vec<_> = named
        .filter(|event| !titles.contains(&(*event).to_owned()))
        .collect();
    assert!(strange.is_empty(), "not in the schema: {strange:?}");
}

fn docs(name: &str) -> String {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    fs::read_to_string(docs.join(name)).unwrap()
}

fn schema() -> Value {
    serde_json::from_str(&docs("progress.schema.json")).unwrap()
}

fn branches(schema: &Value) -> impl Iterator<Item = &Value> {
    schema["oneOf"].as_array().unwrap().iter()
}

/// As much of JSON Schema as the file uses.
fn check(value: &Value, schema: &Value) -> Result<(), String> {
    for (keyword, wanted) in schema.as_object().unwrap() {
        let fits = match keyword.as_str() {
            "const" => value == wanted,
            "enum" => wanted.as_array().unwrap().contains(value),
            "type" => match wanted {
                Value::Array(types) => types.iter().any(|kind| is_a(value, kind)),
                kind => is_a(value, kind),
            },
            "minimum" => value.as_f64() >= wanted.as_f64(),
            "format" => value
                .as_str()
                .is_some_and(|time| time.parse::<jiff::Timestamp>().is_ok()),
            "required" => wanted
                .as_array()
                .unwrap()
                .iter()
                .all(|name| value.get(name.as_str().unwrap()).is_some()),
            "properties" => {
                for (name, value) in value.as_object().unwrap() {
                    let schema = wanted
                        .get(name)
                        .ok_or_else(|| format!("undocumented `{name}`"))?;
                    check(value, schema).map_err(|fault| format!("`{name}`: {fault}"))?;
                }
                true
            }
            "title" | "additionalProperties" => true,
            other => return Err(format!("this check does not know `{other}`")),
        };
        if !fits {
            return Err(format!("not as `{keyword}` says"));
        }
    }
    Ok(())
}

fn is_a(value: &Value, kind: &Value) -> bool {
    match kind.as_str().unwrap() {
        "string" => value.is_string(),
        "integer" => value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        _ => false,
    }
}
