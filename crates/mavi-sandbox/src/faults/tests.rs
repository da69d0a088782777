//! Scripts good and bad, and the draws.

use std::time::Duration;

use super::*;
use crate::call::{CallFacts, Endpoint};
use crate::faults::choose::Tally;

fn wrong(text: &str) -> String {
    text.parse::<Faults>().unwrap_err().to_string()
}

fn wrong_then(call: &str, then: &str) -> String {
    wrong(&format!("[[rule]]\ncall = {call}\nthen = {then}"))
}

/// The name of the fault that a call meets, so many seconds after the start.
fn met_by(
    faults: &Faults,
    tally: &mut Tally,
    endpoint: Endpoint,
    file: &str,
    elapsed: u64,
) -> Option<String> {
    let call = CallFacts {
        endpoint,
        ordinal: 1,
        asset_id: None,
        filename: Some(file.to_owned()),
        arrived: file == "b",
        path: String::new(),
    };
    let elapsed = Duration::from_secs(elapsed);
    let chosen = faults.rules.choose(tally, Some(&call), elapsed, false);
    chosen.map(|(rule, action)| rule.name_of(action))
}

/// For each call of a list, whether the only rule met it.
fn met(rule: &str, calls: &[(Endpoint, &str, u64)]) -> Vec<bool> {
    let faults: Faults = format!("[[rule]]\n{rule}\nthen = \"throttle\"")
        .parse()
        .unwrap();
    let mut tally = Tally::default();
    let meets = |(endpoint, file, at): &(Endpoint, &str, u64)| {
        met_by(&faults, &mut tally, *endpoint, file, *at).is_some()
    };
    calls.iter().map(meets).collect()
}

#[test]
fn an_empty_script_is_one() {
    let faults: Faults = "# nothing\n".parse().unwrap();
    assert!(faults.rules.is_empty() && faults.limits.is_empty());
}

#[test]
fn every_preset_is_right_where_it_belongs() {
    let builtin: script::ScriptText = toml::from_str(PRESETS).unwrap();
    assert!(builtin.preset.len() > 50);
    for name in builtin.preset.keys() {
        for call in ["sign", "send", "status"] {
            let rule = format!("[[rule]]\ncall = \"{call}\"\nthen = \"{name}\"");
            match rule.parse::<Faults>() {
                Ok(faults) => assert_eq!(faults.names().collect::<Vec<_>>(), ["rule 1"]),
                Err(error) => {
                    assert!(
                        call == "status" && error.to_string().contains("fate"),
                        "{error}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_examples_are_scripts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/faults");
    let mut read = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let faults = Faults::read(&path);
        assert!(
            faults.is_ok(),
            "{}: {}",
            path.display(),
            faults.unwrap_err()
        );
        read += 1;
    }
    assert_eq!(read, 4);
}

#[test]
fn unknown_keys_and_values_say_where_and_what_is_allowed() {
    let key = wrong("[[rule]]\nthen = \"throttle\"\n\n[[rule]]\ncal = \"sign\"\nthen = \"reset\"");
    assert!(
        key.contains("line 5") && key.contains("`cal`") && key.contains("`call`"),
        "{key}"
    );
    let call = wrong("[[rule]]\ncall = \"sing\"\nthen = \"reset\"");
    assert!(call.contains("line 2") && call.contains("`sign`"), "{call}");
    let inner = wrong_then("\"sign\"", "{ statsu = 500 }");
    assert!(
        inner.contains("line 3") && inner.contains("`status`"),
        "{inner}"
    );
    let listed = wrong_then("\"sign\"", "[\"reset\", { cut = \"half\" }]");
    assert!(
        listed.contains("line 3") && listed.contains("\"50%\""),
        "{listed}"
    );
    let preset = wrong_then("\"sign\"", "\"throtle\"");
    assert!(
        preset.starts_with("line 1, rule 1: there is no preset \"throtle\"; there are"),
        "{preset}"
    );
    assert!(preset.contains("server-error"), "{preset}");
    let number = wrong("seed = -1");
    assert!(number.contains("line 1"), "{number}");
    let limit = wrong("\n[[limit]]\nafter = \"5s\"");
    assert_eq!(
        limit,
        "line 2, limit 1: says nothing: give `rate`, `style` or `other-client`"
    );
}

#[test]
fn contradictions_are_told_apart() {
    let rules = [
        ("nth = 1\nfirst = 2", "only one of"),
        ("every = 0", "count from 1"),
        ("share = 1.5", "from 0 to 1"),
        ("after = \"2s\"\nuntil = \"1s\"", "later than"),
        ("times = 0", "at least 1"),
        ("file = \"a[\"", "`file`"),
        ("call = []", "empty list"),
        ("call = [\"connect\", \"sign\"]", "stands alone"),
        ("call = \"direct\"\nfile = \"*\"", "names one"),
        ("call = \"connect\"\nper = \"file\"", "no file"),
    ];
    for (keys, words) in rules {
        let error = wrong(&format!("[[rule]]\n{keys}\nthen = \"reset\""));
        assert!(error.contains(words), "{keys}: {error}");
    }
    let thens = [
        ("{ status = 42 }", "from 200 to 599"),
        ("{ code = true }", "number or a text"),
        ("{ code = 1, body = \"x\" }", "only one of"),
        (
            "{ status = 500, answer = \"own\" }",
            "cannot go with `answer`",
        ),
        (
            "{ status = 500, null = [\"data\"] }",
            "cannot go with `status`",
        ),
        ("{ answer = \"none\", cut = 1 }", "here is none"),
        ("{ done = true, read = 5, status = 200 }", "read whole"),
        ("{ done = false, delay = \"1s\" }", "needs `done = true`"),
        (
            "{ end-after = \"1s\", end = \"reset\" }",
            "goes with `end` and an answer",
        ),
        ("{ fate-after = \"1s\" }", "goes with `fate"),
        ("{ truncate = 99999999 }", "at most"),
        ("{ slow = 0 }", "at least 1"),
        ("{ msg = \"x\" }", "goes with `code`"),
        ("{ body = \"\", repeat = \"endless\" }", "needs a `body`"),
        ("{ body = \"xx\", repeat = 99999999 }", "64 MiB"),
        ("{ headers = { \"a b\" = \"x\" } }", "not a header's name"),
        ("[]", "empty list"),
        ("[\"reset\", \"reset\"]", "stands twice"),
    ];
    for (then, words) in thens {
        let error = wrong_then("\"sign\"", then);
        assert!(error.contains(words), "{then}: {error}");
    }
    for (call, then) in [
        ("\"any\"", "\"failed\""),
        ("\"send\"", "{ url-lifetime = \"1s\" }"),
    ] {
        assert!(wrong_then(call, then).contains("decided at"), "{then}");
    }
    assert!(wrong_then("\"connect\"", "\"throttle\"").contains("only be ended"));
    let twice = "[[rule]]\nname = \"a\"\nthen = \"reset\"\n".repeat(2);
    assert!(wrong(&twice).contains("\"a\" is taken"));
}

#[test]
fn a_preset_may_be_made_and_changed() {
    let text = "preset.mine = { status = 503 }\n[[rule]]\nthen = [\"mine\", { preset = \"mine\", name = \"x\" }]";
    let faults: Faults = text.parse().unwrap();
    assert_eq!(
        faults.names().collect::<Vec<_>>(),
        ["rule 1: mine", "rule 1: x"]
    );
    assert!(wrong("preset.mine = { preset = \"reset\" }").contains("another preset"));
}

#[test]
fn counts_are_of_the_run_or_of_the_file() {
    use Endpoint::{Send, Sign};
    let calls = [
        (Sign, "a", 0),
        (Send, "a", 0),
        (Sign, "b", 0),
        (Sign, "a", 0),
        (Sign, "b", 0),
    ];
    assert_eq!(
        met("call = \"sign\"\nnth = 2", &calls),
        [false, false, true, false, false]
    );
    assert_eq!(
        met("call = \"sign\"\nfirst = 3", &calls),
        [true, false, true, true, false]
    );
    assert_eq!(met("every = 2", &calls), [false, true, false, true, false]);
    let per_file = "call = \"sign\"\nper = \"file\"\nnth = 2";
    assert_eq!(met(per_file, &calls), [false, false, false, true, true]);
    assert_eq!(
        met("file = \"b*\"", &calls),
        [false, false, true, false, true]
    );
    let of_arrived = [false, false, true, false, true];
    assert_eq!(met("arrived = true", &calls), of_arrived);
    assert_eq!(
        met("arrived = false", &calls),
        of_arrived.map(|arrived| !arrived)
    );
    assert_eq!(met("times = 2", &calls), [true, true, false, false, false]);
    let timed = [
        (Sign, "a", 9),
        (Sign, "a", 10),
        (Sign, "a", 19),
        (Sign, "a", 20),
    ];
    assert_eq!(
        met("after = \"10s\"\nuntil = \"20s\"", &timed),
        [false, true, true, false]
    );
}

#[test]
fn the_first_rule_that_applies_acts() {
    let text = "[[rule]]\nnth = 2\nthen = \"reset\"\n[[rule]]\nthen = \"throttle\"";
    let faults: Faults = text.parse().unwrap();
    let mut tally = Tally::default();
    let mut name = || met_by(&faults, &mut tally, Endpoint::Sign, "a", 0).unwrap();
    assert_eq!([name(), name(), name()], ["rule 2", "rule 1", "rule 2"]);
}

#[test]
fn draws_repeat_by_seed_whatever_the_order_of_the_files() {
    let text = "[[rule]]\nshare = 0.2\nthen = [\"reset\", \"throttle\", \"close\"]";
    let faults: Faults = text.parse().unwrap();
    let files: Vec<String> = (0..2_000).map(|i| format!("{i}.mp4")).collect();
    let run = |faults: &Faults, backwards: bool| {
        let mut tally = Tally::default();
        let mut drawn: Vec<_> = Vec::new();
        let mut meet = |file: &String| {
            for _ in 0..3 {
                let name = met_by(faults, &mut tally, Endpoint::Sign, file, 0);
                drawn.push((file.clone(), name));
            }
        };
        if backwards {
            files.iter().rev().for_each(&mut meet);
        } else {
            files.iter().for_each(&mut meet);
        }
        drawn.sort_by(|a, b| a.0.cmp(&b.0));
        drawn
    };
    let drawn = run(&faults, false);
    assert_eq!(drawn, run(&faults, true));
    assert_ne!(drawn, run(&faults.clone().with_seed(1), false));
    for name in faults.names() {
        let share = drawn
            .iter()
            .filter(|(_, drawn)| drawn.as_ref() == Some(&name))
            .count();
        // A third of a fifth of 6,000.
        assert!((340..460).contains(&share), "{name}: {share}");
    }
}

#[test]
fn what_the_manual_shows_is_right() {
    let manual = include_str!("../../../../docs/sandbox.md");
    let scripts: Vec<_> = manual.split("```toml\n").skip(1).collect();
    assert_eq!(scripts.len(), 5);
    for script in scripts {
        let script = script.split("```").next().unwrap();
        assert!(
            script.parse::<Faults>().is_ok(),
            "{script}\n{}",
            wrong(script)
        );
    }
    let builtin: script::ScriptText = toml::from_str(PRESETS).unwrap();
    for name in builtin.preset.keys() {
        assert!(
            manual.contains(&format!("`{name}`")),
            "{name} is not described"
        );
    }
}
