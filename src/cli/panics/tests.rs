use super::*;

#[test]
fn case_122_a_panic_is_told_by_its_place_alone() {
    let words = words(Some(Location::caller()));
    assert!(words.contains("at src/cli/panics.rs:"), "{words}");
    assert_eq!(
        end_of_path("/home/me/registry/tokio-1.0/src/task.rs"),
        "tokio-1.0/src/task.rs"
    );
    assert_eq!(end_of_path("main.rs"), "main.rs");
}
