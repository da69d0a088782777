//! The map of the house holds: rooms import only from levels below, files import in no circle, and no
//! two visible types share a name.
//!
//! The levels are those of the tables in `src/lib.rs`, `src/cli/mod.rs` and the sandbox's `lib.rs`,
//! so that what a reader sees is what is checked.

mod package;
mod rules;

use std::collections::BTreeMap;
use std::path::Path;

use package::Package;

/// The one import within a level: how many files the uploads need is the run's knowledge.
const SIDEWAYS: [(&str, &str); 1] = [("doctor", "run::fd_limit")];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn check(package: &Package, map: &str) {
    let levels = rules::levels(map);
    let mut faults = rules::rooms_off_the_map(package, &levels);
    faults.extend(rules::imports_up_or_sideways(package, &levels, &SIDEWAYS));
    faults.extend(rules::circles(package));
    faults.extend(rules::types_of_one_name(package));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn map(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap()
}

#[test]
fn the_library_keeps_to_its_map() {
    let package = Package::read(&root().join("src"), &["cli", "main"]);
    check(&package, &map("src/lib.rs"));
}

#[test]
fn the_command_line_keeps_to_its_map() {
    let package = Package::read(&root().join("src/cli"), &[]);
    check(&package.below("cli"), &map("src/cli/mod.rs"));
}

#[test]
fn the_sandbox_keeps_to_its_map() {
    let source = root().join("crates/mavi-sandbox/src");
    check(
        &Package::read(&source, &[]),
        &map("crates/mavi-sandbox/src/lib.rs"),
    );
}

/// A package of these files, by their modules.
fn made_of(files: &[(&str, &str)]) -> Package {
    let files: BTreeMap<_, _> = files
        .iter()
        .map(|(module, text)| ((*module).to_owned(), (*text).to_owned()))
        .collect();
    Package::parse(&files)
}

const MAP: &str = "//! | level | room | duty |
//! |---|---|---|
//! | 2 | [`top`] | wires |
//! | | `side` | stands beside it |
//! | 1 | [`low`], `base` | nouns |
";

#[test]
fn a_map_is_read_from_the_table() {
    let levels = rules::levels(MAP);
    let expected = [("base", 1), ("low", 1), ("side", 2), ("top", 2)];
    let expected = expected.map(|(room, level)| (room.to_owned(), level));
    assert_eq!(levels, BTreeMap::from(expected));
}

#[test]
fn imports_up_and_sideways_are_found_wherever_they_stand() {
    let levels = rules::levels(MAP);
    let house = |low: &str, side: &str| {
        made_of(&[
            ("top", "use crate::low::Noun; pub struct Run;"),
            ("side", side),
            ("low", low),
            ("base", ""),
        ])
    };
    let found = |low, side| {
        rules::imports_up_or_sideways(&house(low, side), &levels, &[("side", "top::allowed")])
    };
    let well = ("pub struct Noun;", "use crate::{low::Noun, top::allowed};");
    assert_eq!(found(well.0, well.1), [""; 0]);
    assert_eq!(found("use crate::top::Run;", ""), ["low imports top::Run"]);
    assert_eq!(
        found("", "use crate::{top::Run};"),
        ["side imports top::Run"]
    );
    assert_eq!(found("use crate::base::X;", ""), ["low imports base::X"]);
    let inline = "fn f() { let _ = crate::top::Run; }";
    assert_eq!(found(inline, ""), ["low imports top::Run"]);
    let through_super = "use super::top::Run as Other;";
    assert_eq!(found(through_super, ""), ["low imports top::Run"]);
    let prose = "/// As `crate::top::Run`.\npub struct A; const B: &str = \"crate::top::Run\";";
    assert_eq!(found(prose, ""), [""; 0]);
}

#[test]
fn a_room_that_the_map_lacks_and_one_that_is_gone_are_found() {
    let package = made_of(&[
        ("top", ""),
        ("side", ""),
        ("low::inner", "pub struct A;"),
        ("attic", "pub struct B;"),
        ("folder", "mod inner;"),
    ]);
    let faults = rules::rooms_off_the_map(&package, &rules::levels(MAP));
    let expected = [
        "the map lacks attic",
        "the map has base, which is not there",
    ];
    assert_eq!(faults, expected);
}

#[test]
fn circles_are_found_within_a_room_too() {
    let reexport = made_of(&[
        ("low", "mod a; mod b; pub use a::A; pub use b::B;"),
        ("low::a", "use super::B; pub struct A(B);"),
        ("low::b", "pub struct B;"),
    ]);
    assert_eq!(rules::circles(&reexport), [""; 0]);
    let siblings = made_of(&[
        ("low", "mod a; mod b; pub use a::A; pub use b::B;"),
        ("low::a", "use super::B; pub struct A(B);"),
        ("low::b", "use crate::low::A; pub struct B;"),
    ]);
    assert_eq!(rules::circles(&siblings), ["low::a <-> low::b"]);
    let parent = made_of(&[
        (
            "low",
            "mod a; use a::A; pub struct Whole(A); pub const N: u8 = 1;",
        ),
        ("low::a", "use super::N; pub struct A;"),
    ]);
    assert_eq!(rules::circles(&parent), ["low <-> low::a"]);
}

#[test]
fn a_name_with_two_meanings_is_found_unless_it_is_private() {
    let package = made_of(&[
        (
            "top",
            "pub struct State; struct Private; pub(crate) enum Kind { A }",
        ),
        (
            "low",
            "pub(super) struct State; struct Private; pub trait Kind {}",
        ),
    ]);
    assert_eq!(
        rules::types_of_one_name(&package),
        ["Kind stands in low and top", "State stands in low and top"]
    );
}
