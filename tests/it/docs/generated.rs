//! Files that `mavi` itself writes and that are kept beside the sources: completions, manual, and what
//! people are shown: help, and the words for common mistakes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::UPDATE;
use crate::command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `mavi` on a terminal of 80 columns, in a folder with these files.
fn mavi(folder: &Path, line: &str) -> Output {
    command::mavi(folder)
        .env("COLUMNS", "80")
        .args(line.split(' '))
        .output()
        .unwrap()
}

fn stdout(line: &str) -> String {
    let output = mavi(root(), line);
    assert!(output.status.success(), "mavi {line}");
    String::from_utf8(output.stdout).unwrap()
}

/// A kept file is what it should be, or is made so when that is asked for.
fn keep(path: &str, right: &str) {
    let whole = root().join(path);
    let kept = fs::read_to_string(&whole).unwrap_or_default();
    if kept == right {
        return;
    }
    if std::env::var_os(UPDATE).is_some() {
        fs::create_dir_all(whole.parent().unwrap()).unwrap();
        fs::write(whole, right).unwrap();
        return;
    }
    let lines = kept.lines().zip(right.lines());
    let (line, (is, should)) = (1..)
        .zip(lines)
        .find(|(_, (is, should))| is != should)
        .unwrap_or((0, ("the end, or more", "the other")));
    panic!(
        "{path} is not what mavi writes. Line {line}\nis:        {is}\nshould be: {should}\n\
         {UPDATE}=1 cargo test --test it docs   writes it anew."
    );
}

/// The names in a folder.
fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[test]
fn the_completions_are_those_of_this_command_line() {
    for (shell, file) in [
        ("bash", "mavi.bash"),
        ("elvish", "mavi.elv"),
        ("fish", "mavi.fish"),
        ("powershell", "_mavi.ps1"),
        ("zsh", "_mavi"),
    ] {
        let text = stdout(&format!("completions {shell}"));
        keep(&format!("completions/{file}"), &text);
    }
}

#[test]
fn the_manual_is_that_of_this_command_line() {
    let fresh = tempfile::tempdir().unwrap();
    assert!(mavi(fresh.path(), "man pages").status.success());
    let pages = names(&fresh.path().join("pages"));
    for page in &pages {
        let text = fs::read_to_string(fresh.path().join("pages").join(page)).unwrap();
        keep(&format!("man/{page}"), &text);
    }
    for gone in names(&root().join("man")).difference(&pages) {
        assert!(
            std::env::var_os(UPDATE).is_some(),
            "man/{gone} is of no command"
        );
        fs::remove_file(root().join("man").join(gone)).unwrap();
    }
    let main = fs::read_to_string(root().join("man/mavi.1")).unwrap();
    assert_eq!(stdout("man"), main);
}

#[test]
fn help_fits_80_columns_and_reads_as_it_should() {
    for (line, file) in [
        ("-h", "mavi"),
        ("upload -h", "upload-short"),
        ("upload --help", "upload-long"),
    ] {
        let text = stdout(line);
        if let Some(wide) = text.lines().find(|line| line.chars().count() > 80) {
            panic!("mavi {line}: wider than 80 columns: {wide}");
        }
        keep(&format!("tests/it/help/{file}.txt"), &text);
    }
}

#[test]
fn common_mistakes_are_told_as_they_should() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    file("unknown.toml", "# pace\nsing-rate = 0.5\n");
    file("value.toml", "sign-rate = \"fast\"\n");
    file("type.toml", "dedupe = \"yes\"\n");
    file("secret.toml", "api-key = \"sk-mavi-canary\"\n");
    let told = [
        "upload",
        "uplaod videos",
        "upload --sing-rate 0.5 videos",
        "upload --sign-rate fast videos",
        "upload --progress bar videos",
        "upload --root . videos",
        "upload videos",
        "upload --config missing.toml videos",
        "upload --config unknown.toml videos",
        "upload --config value.toml videos",
        "upload --config type.toml videos",
        "upload --config secret.toml videos",
        "config show uplaod",
    ]
    .map(|line| {
        let output = mavi(folder.path(), line);
        assert_eq!(output.status.code(), Some(2), "mavi {line}");
        assert!(output.stdout.is_empty(), "mavi {line}");
        format!(
            "$ mavi {line}\n{}\n",
            String::from_utf8(output.stderr).unwrap()
        )
    });
    keep("tests/it/help/mistakes.txt", &told.concat());
}

#[cfg(unix)]
#[test]
fn bash_completes_commands_options_and_values() {
    let script = r#"
        eval "$("$MAVI" completions bash)"
        for line in "mavi up" "mavi upload --sign" "mavi upload --progress " "mavi config s"; do
            IFS=' ' read -ra COMP_WORDS <<< "$line"
            [[ $line == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
            _mavi mavi "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
            echo "${COMPREPLY[@]}"
        done"#;
    let bash = Command::new("bash")
        .env("MAVI", env!("CARGO_BIN_EXE_mavi"))
        .args(["-c", script])
        .output();
    let Ok(output) = bash else {
        println!("skipped: there is no bash");
        return;
    };
    let told = String::from_utf8(output.stdout).unwrap();
    let told: Vec<_> = told.lines().collect();
    let right = ["upload", "--sign-rate", "auto bars lines json none", "show"];
    assert_eq!(told, right, "{}", String::from_utf8_lossy(&output.stderr));
}
