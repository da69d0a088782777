//! The real binary on a machine whose system calls fail: a library that is loaded before the C
//! library, made by the C compiler that builds `SQLite` too.

use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use tempfile::TempDir;

static SHIM: LazyLock<Option<(TempDir, PathBuf)>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("shim.so");
    let made = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(&library)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/shim.c"))
        .arg("-ldl")
        .status();
    made.is_ok_and(|status| status.success())
        .then_some((folder, library))
});

/// Lets `command` run on such a machine: each variable of `shim.c` with its value. `None`, with a
/// word on why, where that cannot be.
pub(crate) fn faulty(mut command: Command, faults: &[(&str, &str)]) -> Option<Command> {
    let Some((_, library)) = SHIM.as_ref() else {
        println!("skipped: no C compiler (cc) is here");
        return None;
    };
    command
        .env("LD_PRELOAD", library)
        .envs(faults.iter().copied());
    Some(command)
}
