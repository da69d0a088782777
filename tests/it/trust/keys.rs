//! Where keys come from, and who else can read them.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use super::{KEY, scripted, upload};
use crate::common::{Bench, sandbox};
use crate::running::told;

#[tokio::test(flavor = "multi_thread")]
async fn case_138_files_that_hold_secrets_are_their_owners_alone() {
    let (bench, sandbox) = (Bench::new(), sandbox().await);
    bench.file("a.mp4", 1000);
    let folder = bench.folder.path();
    let key = folder.join("key");
    fs::write(&key, sandbox.api_key()).unwrap();
    fs::write(folder.join("my.env"), "A=1\n").unwrap();
    let run = async || {
        let mut command = upload(folder, sandbox.base_url());
        command.args(["--api-key-file", "key", "--env-file", "my.env", "library"]);
        told(command).await
    };
    let mode = |name: &str, mode| {
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    mode("key", 0o600);
    mode("my.env", 0o600);
    let (code, words) = run().await;
    assert_eq!(
        (code, words.contains("can be read by others")),
        (Some(0), false),
        "{words}"
    );
    let ledger = fs::metadata(folder.join("mavi-ledger.db")).unwrap();
    assert_eq!(ledger.permissions().mode() & 0o777, 0o600);

    for name in ["key", "my.env", "mavi-ledger.db"] {
        mode(name, 0o644);
        let (code, words) = run().await;
        assert_eq!(code, Some(0));
        assert!(
            words.contains(&format!("{name} can be read by others: chmod 600 it")),
            "{words}"
        );
        mode(name, 0o600);
    }
    fs::rename(folder.join("mavi-ledger.db"), folder.join("elsewhere.db")).unwrap();
    std::os::unix::fs::symlink("elsewhere.db", folder.join("mavi-ledger.db")).unwrap();
    let (code, words) = run().await;
    assert_eq!(code, Some(2), "{words}");
    assert!(words.contains("link"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_139_the_key_is_found_trimmed_and_checked() {
    let bench = Bench::new();
    bench.file("a.mp4", 1000);
    let sandbox = scripted("").await;
    let folder = bench.folder.path();
    fs::write(
        folder.join("good.env"),
        format!(
            "# mine\nexport MAVI_API_KEY='{KEY}'\nMEMORIES_V2_BASE_URL={}\n",
            sandbox.base_url()
        ),
    )
    .unwrap();
    fs::write(folder.join("key"), format!("\u{feff}\n  {KEY} \r\n")).unwrap();
    let base = sandbox.base_url();
    // What is given by variable, option and stdin; the code; a word of what is said.
    let long = "a".repeat(4097);
    let table: [(&str, &[&str], &str, i32, &str); 11] = [
        (
            "",
            &["--env-file", "good.env"],
            "",
            0,
            "MAVI_API_KEY in good.env",
        ),
        (
            KEY,
            &["--env-file", "good.env", "--base-url", base],
            "",
            0,
            "variable MEMORIES_API_KEY",
        ),
        (
            "",
            &["--api-key-file", "key", "--base-url", base],
            "",
            0,
            "file key",
        ),
        (
            "",
            &["--api-key-file", "-", "--base-url", base],
            KEY,
            0,
            "file -",
        ),
        ("Bearer sk-mavi-1", &["--base-url", base], "", 2, "Bearer"),
        ("sk-mavi 1", &["--base-url", base], "", 2, "visible ASCII"),
        ("'sk-mavi-1'", &["--base-url", base], "", 2, "in quotes"),
        (
            "",
            &["--api-key-file", "-", "--base-url", base],
            &long,
            2,
            "larger than 4 KiB: not a key",
        ),
        (
            "",
            &["--api-key-file", "-", "--base-url", base],
            "\n",
            2,
            "is empty",
        ),
        (" ", &["--base-url", base], "", 2, "no API key"),
        (
            "",
            &["--api-key-file", "-", "-m", "-", "--base-url", base],
            KEY,
            2,
            "both come from stdin",
        ),
    ];
    for (variable, args, stdin, code, word) in table {
        fs::write(folder.join("stdin"), stdin).unwrap();
        let mut command = upload(folder, "");
        command
            .env("MEMORIES_API_KEY", variable)
            .arg("-v")
            .args(args);
        command
            .stdin(fs::File::open(folder.join("stdin")).unwrap())
            .stdout(Stdio::null());
        if !args.contains(&"-m") {
            command.arg("library");
        }
        let (got, words) = told(command).await;
        assert_eq!(got, Some(code), "{args:?}: {words}");
        assert!(words.contains(word), "{args:?}: {words}");
        assert!(!words.contains("sk-mavi"), "{words}");
    }

    // What is not UTF-8 is no key, and not as if there were none.
    let mut command = upload(folder, base);
    let odd = std::ffi::OsStr::from_bytes(b"sk-mavi-\xff");
    command.env("MEMORIES_API_KEY", odd).arg("library");
    let (code, words) = told(command).await;
    assert_eq!(code, Some(2), "{words}");
    assert!(words.contains("visible ASCII"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_159_settings_in_a_key_file_are_named_by_their_option_and_not_shown() {
    let bench = Bench::new();
    bench.file("a.mp4", 1000);
    let sandbox = scripted("").await;
    let folder = bench.folder.path();
    let run = async |text: &str, file: &str, option: &str| {
        fs::write(folder.join("settings"), text).unwrap();
        let mut command = upload(folder, sandbox.base_url());
        command.env_remove("MEMORIES_API_KEY");
        command.args([option, file, "library"]);
        command.stdin(fs::File::open(folder.join("settings")).unwrap());
        told(command).await
    };
    let texts = [
        format!("MEMORIES_API_KEY={KEY}\n"),
        format!("# mine\r\n\r\nexport MAVI_API_KEY = '{KEY}'\r\n"),
        format!("\u{feff}key={KEY}"),
        format!("A=1\n{KEY}\n"),
    ];
    for text in &texts {
        for file in ["settings", "-"] {
            let (code, words) = run(text, file, "--api-key-file").await;
            assert_eq!(code, Some(2), "{text:?}: {words}");
            assert!(words.contains("--env-file"), "{text:?}: {words}");
            assert!(!words.contains("sk-mavi"), "{words}");
        }
    }
    assert_eq!(run(&texts[0], "settings", "--env-file").await.0, Some(0));
    // The end of a key in base64 is no value.
    let (_, words) = run("c2tleQ==\n", "settings", "--api-key-file").await;
    assert!(!words.contains("--env-file"), "{words}");
}
