use super::*;

#[test]
fn case_122_a_panic_is_told_by_its_place_alone() {
    let words = words(Some(Location::caller()));
    assert!(words.contains("at src/cli/panics/tests.rs:"), "{words}");
    assert_eq!(
        end_of_path("/home/me/registry/tokio-1.0/src/task.rs"),
        "tokio-1.0/src/task.rs"
    );
    assert_eq!(end_of_path("main.rs"), "main.rs");
}

/// Set in the process that panics.
const CHILD: &str = "MAVI_PANICKING_CHILD";

#[test]
#[ignore = "the test below runs it, as a process of its own"]
fn child() {
    if std::env::var_os(CHILD).is_some() {
        report_in_one_line();
        panic!("canary sk-mavi-canary");
    }
}

#[test]
fn case_122_the_words_and_the_backtrace_of_a_panic_stay_unsaid() {
    let (_crate, test) = concat!(module_path!(), "::child").split_once("::").unwrap();
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(CHILD, "1")
        .env("RUST_BACKTRACE", "full")
        .output()
        .unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(
        words.contains("has a defect at src/cli/panics/tests.rs:"),
        "{words}"
    );
    for unwanted in ["canary", "backtrace", "0x"] {
        assert!(!words.contains(unwanted), "{unwanted}: {words}");
    }
}
