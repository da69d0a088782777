//! What is generated is what it should be. Here `docs/faults.md`: each fault has its row, and each row the
//! tests there are.

mod generated;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Set, this variable has what is generated written anew.
const UPDATE: &str = "MAVI_UPDATE_DOCS";

/// Cases that every catalogue has.
const CASES: u32 = 142;

/// The tests of a case, by their file.
type Tests = BTreeMap<String, Vec<String>>;

#[test]
fn the_catalogue_of_faults_has_every_case_and_names_the_tests_there_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("docs/faults.md");
    let text = fs::read_to_string(&path).unwrap();
    let numbers = numbers_of(&text);
    let mut tests = tests_by_case(root);
    let right: String = text
        .lines()
        .map(|line| with_tests(line, &mut tests) + "\n")
        .collect();
    assert!(
        tests.is_empty(),
        "docs/faults.md has no row for the numbers of these tests: {tests:#?}\n\
         Name them by the numbers of their faults alone, or add rows."
    );
    let missing: Vec<_> = (1..=CASES)
        .map(|number| format!("{number:03}"))
        .filter(|number| !numbers.contains(number))
        .collect();
    assert!(
        missing.is_empty(),
        "docs/faults.md has no row for {missing:?}"
    );
    assert!(
        numbers.is_sorted_by(|a, b| a < b),
        "docs/faults.md: rows out of order or twice"
    );
    if text == right {
        return;
    }
    if std::env::var_os(UPDATE).is_some() {
        fs::write(path, right).unwrap();
        return;
    }
    let lines = text.lines().zip(right.lines());
    let stale: Vec<_> = lines
        .filter(|(is, should)| is != should)
        .map(|(is, should)| format!("is:        {is}\nshould be: {should}"))
        .collect();
    panic!(
        "docs/faults.md: {} rows do not name the tests there are. The first:\n{}\n\
         {UPDATE}=1 cargo test --test it docs   rewrites the last column.",
        stale.len(),
        stale.first().map_or("", String::as_str),
    );
}

/// The number of a row, and its cells; nothing for other lines.
fn row(line: &str) -> Option<(&str, Vec<&str>)> {
    let cells: Vec<_> = line
        .strip_prefix("| ")?
        .strip_suffix(" |")?
        .split(" | ")
        .collect();
    let number = cells[0];
    if !number.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    assert_eq!(cells.len(), 4, "a row has four cells: {line}");
    Some((number, cells))
}

fn numbers_of(text: &str) -> Vec<String> {
    let rows = text.lines().filter_map(row);
    rows.map(|(number, _)| number.to_owned()).collect()
}

/// The line with the tests there are, which are taken out of `tests`.
fn with_tests(line: &str, tests: &mut BTreeMap<String, Tests>) -> String {
    let Some((number, cells)) = row(line) else {
        return line.to_owned();
    };
    let found = tests.remove(number).unwrap_or_default();
    let of_file =
        |(file, names): (&String, &Vec<String>)| format!("`{file}`: {}", names.join("; "));
    let shown: Vec<_> = found.iter().map(of_file).collect();
    let shown = if shown.is_empty() {
        "–".to_owned()
    } else {
        shown.join("<br>")
    };
    format!("| {number} | {} | {} | {shown} |", cells[1], cells[2])
}

fn tests_by_case(root: &Path) -> BTreeMap<String, Tests> {
    let mut tests: BTreeMap<String, Tests> = BTreeMap::new();
    let folders = ["src", "crates", "tests"].map(|folder| root.join(folder));
    for path in folders.iter().flat_map(|folder| sources(folder)) {
        let file = path
            .strip_prefix(root)
            .unwrap()
            .to_str()
            .unwrap()
            .replace('\\', "/");
        for line in fs::read_to_string(&path).unwrap().lines() {
            let line = line.trim_start();
            let line = line.strip_prefix("async ").unwrap_or(line);
            let Some(name) = line.strip_prefix("fn case_") else {
                continue;
            };
            let (numbers, words) = numbers_and_words(name.split('(').next().unwrap());
            for number in numbers {
                let names = tests
                    .entry(number)
                    .or_default()
                    .entry(file.clone())
                    .or_default();
                names.push(words.clone());
            }
        }
    }
    tests
}

/// `031_any_2xx` is of case 031 and says "any 2xx".
fn numbers_and_words(name: &str) -> (Vec<String>, String) {
    let is_number = |part: &&str| {
        let digits = part
            .strip_suffix(|c: char| c.is_ascii_lowercase())
            .unwrap_or(part);
        digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let parts: Vec<_> = name.split('_').collect();
    let numbers = parts.iter().take_while(|part| is_number(part)).count();
    assert!(
        numbers > 0,
        "case_{name}: a number of three digits comes first"
    );
    let numbers = parts[..numbers].iter().map(ToString::to_string).collect();
    let words = parts.iter().skip_while(|part| is_number(part)).copied();
    (numbers, words.collect::<Vec<_>>().join(" "))
}

/// All Rust files below a folder, sorted.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter();
    let files = files.map(|entry| entry.unwrap().into_path());
    files
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .collect()
}

#[test]
fn numbers_and_words_of_a_test_are_told_apart() {
    let table = [
        ("031_any_2xx", vec!["031"], "any 2xx"),
        ("016a_034_redirects", vec!["016a", "034"], "redirects"),
        ("009_a_disabled_account", vec!["009"], "a disabled account"),
        ("015_404_depends", vec!["015", "404"], "depends"),
    ];
    for (name, numbers, words) in table {
        let numbers = numbers.into_iter().map(str::to_owned).collect();
        assert_eq!(numbers_and_words(name), (numbers, words.to_owned()));
    }
}
