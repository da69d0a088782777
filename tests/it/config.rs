//! Settings from everywhere: the command line, the environment, configuration files, defaults.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::cli::words_of;
use crate::command::mavi;

const CANARY: &str = "sk-mavi-canary";

type Variables = [(&'static str, &'static str)];

/// A folder that is home, with the user's own configuration file.
struct Home(TempDir);

impl Home {
    fn with(own: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("mavi")).unwrap();
        fs::create_dir(folder.path().join("videos")).unwrap();
        fs::write(folder.path().join("videos/a.mp4"), "bytes").unwrap();
        let home = Self(folder);
        home.file("mavi/config.toml", own);
        home
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn file(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).unwrap();
    }

    fn mavi(&self, line: &str) -> Command {
        let mut command = Command::from_std(mavi(self.path()));
        command
            .env("XDG_CONFIG_HOME", self.path())
            .env("APPDATA", self.path())
            .args(line.split(' '));
        command
    }

    /// What `mavi config show --json` says of a setting.
    fn shown(command: &mut Command, name: &str) -> Value {
        let output = command.assert().success().get_output().stdout.clone();
        let shown: Value = serde_json::from_slice(&output).unwrap();
        let settings = shown["settings"].as_array().unwrap();
        settings
            .iter()
            .find(|setting| setting["name"] == name)
            .unwrap()
            .clone()
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_setting_is_from_the_nearest_of_five_places() {
    let home =
        Home::with("retries = 1\nupload-rate = 1.5\nexclude = ['*.own', 'a']\ndedupe = true\n");
    home.file(
        "job.toml",
        "retries = 2\nupload-rate = 2.5\nretry-delay = '2s'\n",
    );
    home.file("job.env", "MAVI_RETRIES=3\nMAVI_POLL_RATE=3.5\n");
    let line =
        "config show upload --json --config job.toml -- --env-file job.env -j 5 --dedupe=false";
    let table = [
        ("concurrency", json!("5"), json!({"from": "command line"})),
        ("dedupe", json!("false"), json!({"from": "command line"})),
        (
            "retries",
            json!("4"),
            json!({"from": "environment", "variable": "MAVI_RETRIES"}),
        ),
        (
            "poll-rate",
            json!("3.5"),
            json!({"from": "env-file", "variable": "MAVI_POLL_RATE", "file": "job.env"}),
        ),
        (
            "upload-rate",
            json!("2.5"),
            json!({"from": "file", "file": "job.toml", "line": 2}),
        ),
        (
            "exclude",
            json!(["*.own", "a"]),
            json!({"from": "file", "file": home.path().join("mavi/config.toml"), "line": 3}),
        ),
        ("max-outage", json!("2h"), json!({"from": "default"})),
        ("sign-rate", Value::Null, json!({"from": "default"})),
    ];
    for (name, value, place) in table {
        let mut command = home.mavi(line);
        let shown = Home::shown(
            command.env("MAVI_RETRIES", "4").env("MAVI_SIGN_RATE", ""),
            name,
        );
        assert_eq!(shown["value"], value, "{shown}");
        for (field, value) in place.as_object().unwrap() {
            assert_eq!(&shown[field], value, "{shown}");
        }
    }
}

#[test]
fn case_129_settings_are_shown_without_secrets() {
    let home = Home::with("");
    home.file("key", CANARY);
    for line in ["config show", "config show upload --json"] {
        let mut command = home.mavi(line);
        command
            .env("MEMORIES_AI_KEY", CANARY)
            .env("HTTPS_PROXY", "http://me:canary@proxy.example:8080")
            .env(
                "MEMORIES_V2_BASE_URL",
                "https://me:canary@host.example/?key=canary",
            );
        let output = command.assert().success().get_output().stdout.clone();
        let words = String::from_utf8(output).unwrap();
        assert!(!words.contains("canary"), "{words}");
        for part in [
            "set",
            "MEMORIES_AI_KEY",
            "@proxy.example:8080",
            "@host.example/",
        ] {
            assert!(words.contains(part), "{part}: {words}");
        }
    }
    let mut by_file = home.mavi("config show upload --json -- --api-key-file key");
    let key = Home::shown(by_file.env("MEMORIES_API_KEY", CANARY), "api-key");
    assert_eq!(key["words"], "read from api-key-file");
}

#[test]
#[cfg(target_os = "linux")]
fn a_key_in_the_environment_is_nearer_than_a_file_with_one_in_a_configuration() {
    let home = Home::with("api-key-file = 'key'\n");
    let mut command = home.mavi("config show upload --json");
    let key = Home::shown(command.env("MEMORIES_API_KEY", CANARY), "api-key");
    assert_eq!(key["variable"], "MEMORIES_API_KEY");
    let key = Home::shown(&mut home.mavi("config show upload --json"), "api-key");
    assert_eq!(key["words"], "read from api-key-file");
}

/// What an option needs or excludes is asked of what was typed: a setting for manifests stands by
/// where there is none.
#[test]
#[cfg(target_os = "linux")]
fn settings_neither_ask_for_options_nor_forbid_them() {
    let home = Home::with("delimiter = ';'\nlenient = true\nroot = 'nowhere'\nquiet = true\n");
    let mut run = home.mavi("upload --sandbox videos");
    assert_eq!(words_of(run.env("MAVI_LENIENT", "1"), 0), "");
    let words = words_of(&mut home.mavi("upload --sandbox --quiet=false videos"), 0);
    assert!(words.contains("1 success"), "{words}");
    for (typed, other) in [
        ("--root .", "--root"),
        ("--no-config --lenient", "--lenient"),
    ] {
        let words = words_of(
            &mut home.mavi(&format!("upload --sandbox {typed} videos")),
            2,
        );
        assert!(words.contains(other) && words.contains("PATH"), "{words}");
    }
    // They are used where there is one.
    home.file("list.csv", "path;n\na.mp4;1\n");
    words_of(
        &mut home.mavi("upload --sandbox -m list.csv --root videos"),
        0,
    );
    let words = words_of(
        &mut home.mavi("upload --sandbox -m list.csv --no-config -q --delimiter ,"),
        2,
    );
    assert!(words.contains("path;n"), "{words}");
}

#[test]
#[cfg(target_os = "linux")]
fn configuration_files_are_found_checked_and_left_out() {
    let home = Home::with("nonsense = 1\n");
    let words = words_of(&mut home.mavi("sandbox"), 2);
    assert!(
        words.contains("mavi/config.toml:1: unknown key nonsense"),
        "{words}"
    );
    words_of(&mut home.mavi("config show --no-config"), 0);
    home.file("other.toml", "\n\nsign-rate = 'fast'\n");
    fs::remove_file(home.path().join("mavi/config.toml")).unwrap();
    words_of(&mut home.mavi("config show"), 0);
    let words = words_of(home.mavi("status").env("MAVI_CONFIG", "other.toml"), 2);
    assert!(
        words.starts_with("error: other.toml:3: sign-rate: "),
        "{words}"
    );
    for line in [
        "status --config missing.toml",
        "--config missing.toml status",
    ] {
        let words = words_of(&mut home.mavi(line), 2);
        assert!(words.contains("missing.toml"), "{words}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn case_154_a_configuration_folder_of_others_is_as_none_and_a_locked_file_is_told() {
    use crate::job::{as_nobody, chmod};
    let home = Home::with("quiet = true\n");
    let folder = home.path();
    let run = |line: &str, code: i32| {
        let mut command = mavi(folder);
        command.env("XDG_CONFIG_HOME", folder).args(line.split(' '));
        let command = as_nobody(&command, folder)?;
        Some(words_of(&mut Command::from_std(command), code))
    };
    let own = folder.join("mavi/config.toml");
    home.file("other.toml", "");
    for (path, mode) in [(&own, 0o000), (&folder.join("other.toml"), 0o000)] {
        chmod(path, mode);
    }
    let Some(words) = run("upload --sandbox videos", 2) else {
        return;
    };
    assert!(
        words.contains("mavi/config.toml: ") && words.contains("--no-config"),
        "{words}"
    );
    run("upload --sandbox --no-config videos", 0);
    chmod(&folder.join("mavi"), 0o000);
    let words = run("upload --sandbox videos", 0).unwrap();
    assert!(words.contains("1 success"), "the file is not used: {words}");
    assert_eq!(words.matches("may not be entered").count(), 1, "{words}");
    let words = run("config show", 0).unwrap();
    assert_eq!(words.matches("may not be entered").count(), 1, "{words}");
    let words = run("upload --sandbox --config other.toml videos", 2).unwrap();
    assert!(
        words.contains("other.toml: ") && words.contains("--no-config"),
        "{words}"
    );
    let words = run("upload --sandbox --config mavi/config.toml videos", 2).unwrap();
    assert!(words.contains("--no-config"), "{words}");
    chmod(&folder.join("mavi"), 0o700);
}

#[test]
fn what_is_wrong_in_a_configuration_file_is_told_by_line_and_key() {
    let home = Home::with("");
    let table = [
        (
            "progress = 'bar'",
            "1: progress: expected one of auto, bars",
        ),
        (
            "\nsign_rate = 1",
            "2: unknown key sign_rate: did you mean sign-rate?",
        ),
        ("quiet = 1", "1: quiet: expected true or false"),
        ("report = true", "1: report: expected a value"),
        ("report = ['a']", "1: report: expected one value"),
        ("exclude = [['a']]", "1: exclude: a value is written as"),
        (
            "report = 2026-01-01",
            "1: report: a value is written as on the command line, not as a date",
        ),
        (
            "[upload]\nquiet = true",
            "1: upload: options stand at the top",
        ),
        ("retries = 1\nretries = 2", "2: duplicate key"),
        ("overwrite = true", "1: overwrite: only on the command line"),
        ("api_key = 'canary'", "1: api_key: no secret"),
        ("\nMEMORIES_API_KEY = canary", "2: "),
        ("'\\u001b[31m' = 1", "unknown key"),
        ("\"\\u001b[31m\" = 1", "1: unknown key \\x1b[31m"),
    ];
    for (text, right) in table {
        home.file("c.toml", text);
        let words = words_of(&mut home.mavi("status --config c.toml"), 2);
        assert!(
            words.contains("c.toml:") && words.contains(right),
            "{text}: {words}"
        );
        assert!(
            !words.contains("canary") && !words.contains('\u{1b}'),
            "{words:?}"
        );
    }
    for (variable, value, right) in [
        (
            "MAVI_SIGN_RATE",
            "fast",
            "MAVI_SIGN_RATE: expected requests",
        ),
        (
            "MAVI_DEDUPE",
            "perhaps",
            "MAVI_DEDUPE: expected true or false",
        ),
    ] {
        let words = words_of(home.mavi("upload videos").env(variable, value), 2);
        assert!(words.contains(right), "{words}");
    }
}

#[test]
fn colour_is_as_it_is_asked_for() {
    let home = Home::with("");
    let table: [(&str, &Variables, bool); 7] = [
        ("upload videos", &[], false),
        ("upload videos --color=always", &[], true),
        ("upload videos", &[("CLICOLOR_FORCE", "1")], true),
        ("upload videos", &[("MAVI_COLOR", "always")], true),
        (
            "upload videos --color never",
            &[("CLICOLOR_FORCE", "1")],
            false,
        ),
        ("upload --color always --nonsense", &[], true),
        (
            "upload --nonsense",
            &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")],
            false,
        ),
    ];
    for (line, variables, coloured) in table {
        let words = words_of(home.mavi(line).envs(variables.iter().copied()), 2);
        assert_eq!(
            words.contains('\u{1b}'),
            coloured,
            "{line} {variables:?}: {words:?}"
        );
    }
}

#[test]
#[cfg(target_os = "linux")]
fn case_162_the_zone_of_times_of_day_is_said_and_an_unknown_one_is_refused() {
    let home = Home::with("bandwidth = '08:00,500M 19:00,off'\n");
    let output = |line: &str, zone: Option<&str>| {
        let mut command = home.mavi(line);
        if let Some(zone) = zone {
            command.env("TZ", zone);
        }
        let output = command.output().unwrap();
        let words = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(words).unwrap())
    };
    let lines = [
        "upload --sandbox videos",
        "plan videos",
        "config show upload",
    ];
    for line in lines {
        for (zone, words) in [
            (Some("XYZ-5:30"), "XYZ-5:30 (now UTC+05:30)"),
            (Some("UTC"), "UTC (now UTC+00:00)"),
            (None, "UTC"),
        ] {
            let (code, said) = output(line, zone);
            assert_eq!(code, Some(0), "{line}: {said}");
            assert!(said.contains(words), "{line}, {zone:?}: {said}");
        }
        let (code, said) = output(line, Some("Mars/Phobos"));
        let is_shown = line.starts_with("config");
        assert_eq!(code, Some(if is_shown { 0 } else { 2 }), "{line}: {said}");
        assert!(
            said.contains("TZ=Mars/Phobos: no time zone"),
            "{line}: {said}"
        );
    }
    // What holds all day needs none.
    let (code, said) = output("plan --bandwidth 5M videos", Some("Mars/Phobos"));
    assert_eq!(
        (code, said.contains("times of day")),
        (Some(0), false),
        "{said}"
    );
}
