//! Manifests of any bytes, and of any length.

use super::*;

/// What a manifest has to say: the cells of its rows and what each stands for.
fn said(dir: &Path, manifest: &[u8], lenient: bool) -> Result<Vec<(Cells, String)>, String> {
    fs::write(dir.join("m.csv"), manifest).unwrap();
    let options = ManifestOptions {
        lenient,
        ..ManifestOptions::default()
    };
    let manifest = open(dir, options)?;
    let columns = (manifest.columns().clone(), String::new());
    let rows = manifest.map(|row| (row.cells.clone(), brief(dir, &row)));
    Ok([columns].into_iter().chain(rows).collect())
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(400))]

    /// Any bytes are refused in words or read; and what was read, written as the report writes it,
    /// is read the same.
    #[test]
    fn case_090_any_bytes_are_refused_or_read_and_read_the_same_again(
        head in proptest::sample::select(vec!["path,x\n", "path\n", "x;path\r", "\u{feff}path\tx\r\n", ""]),
        body in proptest::collection::vec(proptest::prop_oneof![
            8 => proptest::sample::select(b"a.mp4/,;\t\"\r\n =\xe9\xff%".to_vec()),
            1 => proptest::prelude::any::<u8>(),
        ], 0..80),
        lenient: bool,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let manifest = [head.as_bytes(), &body].concat();
        let Ok(mut first) = said(dir.path(), &manifest, lenient) else {
            return Ok(());
        };
        // What is left of a row with too many fields may be a blank line.
        first.retain(|(cells, _)| {
            cells.fields().iter().any(|cell| !String::from_utf8_lossy(cell).trim().is_empty())
        });
        let line = |(cells, _): &(Cells, String)| [cells.as_bytes(), b"\n"].concat();
        let again: Vec<u8> = first.iter().flat_map(line).collect();
        let second = said(dir.path(), &again, true).unwrap();
        proptest::prop_assert_eq!(first.len(), second.len());
        for (first, second) in first.iter().zip(&second) {
            proptest::prop_assert_eq!(&first.0, &second.0);
            // Faults name lines, and cells brought to the header's width are no fault any more.
            if !first.1.starts_with("manifest: ") {
                proptest::prop_assert_eq!(&first.1, &second.1);
            }
        }
    }
}

/// Not run by default: `cargo test -- --ignored million`, best with optimisation.
#[test]
#[ignore = "takes seconds without optimisation"]
fn case_100_a_million_rows_are_checked_in_about_a_second() {
    use std::io::Write;
    let dir = library(b"");
    let file = File::create(dir.path().join("m.csv")).unwrap();
    let mut file = io::BufWriter::new(file);
    writeln!(file, "id,path,title,sha256").unwrap();
    for id in 0..1_000_000 {
        let title = format!("\"Clip {id}, \"\"take\"\" two\"");
        writeln!(
            file,
            "{id},videos/2024/{:03}/clip {id}.mp4,{title},{DIGEST}",
            id % 1000
        )
        .unwrap();
    }
    file.flush().unwrap();
    let start = std::time::Instant::now();
    let manifest = open(dir.path(), ManifestOptions::default()).unwrap();
    let checked = start.elapsed();
    assert_eq!(manifest.rows(), 1_000_000);
    assert_eq!(
        manifest.filter(|row| row.failure.is_none()).count(),
        1_000_000
    );
    println!(
        "checked in {checked:?}, read in {:?}",
        start.elapsed().saturating_sub(checked)
    );
    if let Ok(status) = fs::read_to_string("/proc/self/status") {
        println!(
            "{}",
            status
                .lines()
                .find(|line| line.starts_with("VmHWM"))
                .unwrap()
        );
    }
}
