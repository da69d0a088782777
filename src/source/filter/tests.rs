use super::*;

fn filter(include: &[&str], exclude: &[&str], all_files: bool) -> Filter {
    let owned = |globs: &[&str]| globs.iter().map(ToString::to_string).collect::<Vec<_>>();
    Filter::new(&owned(include), &owned(exclude), all_files).unwrap()
}

#[test]
fn globs_match_the_relative_path_and_the_bare_name() {
    type Names = &'static [&'static str];
    const NAMES: [&str; 4] = ["a.mp4", "clips/b.mov", "clips/old/c.mp4", "notes.txt"];
    let table: [(Names, Names, bool, Names); 8] = [
        (
            &[],
            &[],
            false,
            &["a.mp4", "clips/b.mov", "clips/old/c.mp4"],
        ),
        (&[], &[], true, &NAMES),
        (&["*.mp4"], &[], false, &["a.mp4", "clips/old/c.mp4"]),
        (&["clips/*"], &[], false, &["clips/b.mov"]),
        (&["./clips/**"], &["c.*"], false, &["clips/b.mov"]),
        (&["notes.txt"], &[], false, &[]),
        (&["notes.txt", "a.*"], &[], true, &["a.mp4", "notes.txt"]),
        (&[], &["{a,b}.*", "**/old/**"], false, &[]),
    ];
    for (include, exclude, all_files, expected) in table {
        let filter = filter(include, exclude, all_files);
        let wanted = NAMES.iter().filter(|name| filter.wants(Path::new(name)));
        let wanted: Vec<_> = wanted.copied().collect();
        assert_eq!(wanted, expected, "{include:?} {exclude:?}");
    }
}

#[test]
fn an_excluded_folder_is_left_out_by_name_or_path() {
    let filter = filter(&[], &["drafts/", "clips/old"], false);
    let left_out = |folder: &str| filter.leaves_out(Path::new(folder));
    assert!(left_out("drafts") && left_out("a/drafts") && left_out("clips/old"));
    assert!(!left_out("old") && !left_out("clips"));
}

#[test]
fn a_bad_glob_is_named_with_its_option() {
    let error = Filter::new(&["*.mp4".into()], &["a[".into()], false).unwrap_err();
    let words = "--exclude 'a[': unclosed character class; missing ']'";
    assert_eq!(error.to_string(), words);
}
