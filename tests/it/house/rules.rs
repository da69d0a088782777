//! The rules of the house, each giving what breaks it, in words.

use std::collections::{BTreeMap, BTreeSet};

use super::package::{ModulePath, Package};

/// The level of each room, from a table of levels in a file's first lines. A row without a level has
/// that of the row above.
pub(super) fn levels(text: &str) -> BTreeMap<String, u32> {
    let mut levels = BTreeMap::new();
    let mut level = None;
    for row in text.lines().filter_map(|line| line.strip_prefix("//! |")) {
        let mut cells = row.split('|').map(str::trim);
        let (Some(first), Some(rooms)) = (cells.next(), cells.next()) else {
            continue;
        };
        level = first.parse().ok().or(level.filter(|_| first.is_empty()));
        if let Some(level) = level {
            let rooms = rooms.split('`').skip(1).step_by(2);
            let rooms = rooms.map(|room| room.trim_start_matches("mod@").trim_end_matches('/'));
            levels.extend(rooms.map(|room| (room.to_owned(), level)));
        }
    }
    levels
}

/// The room that a path leads into: the longest beginning of it that the map has.
fn room<'a>(path: &[String], levels: &'a BTreeMap<String, u32>) -> Option<(&'a String, u32)> {
    let mut beginnings = (1..=path.len()).rev().map(|depth| path[..depth].join("::"));
    let found = beginnings.find_map(|room| levels.get_key_value(&room));
    found.map(|(room, level)| (room, *level))
}

/// Files that the map has no room for, and rooms that only the map has. A file that only declares
/// modules needs no room.
pub(super) fn rooms_off_the_map(package: &Package, levels: &BTreeMap<String, u32>) -> Vec<String> {
    let files = package.files.iter().filter(|(module, file)| {
        !(module.is_empty() || file.imports.is_empty() && file.types.is_empty())
    });
    let unknown = files.filter(|(module, _)| room(module, levels).is_none());
    let unknown = unknown.map(|(module, _)| format!("the map lacks {}", module.join("::")));
    let is_there = |room: &&String| {
        let room: ModulePath = room.split("::").map(str::to_owned).collect();
        package.files.keys().any(|file| file.starts_with(&room))
    };
    let gone = levels.keys().filter(|room| !is_there(room));
    let gone = gone.map(|room| format!("the map has {room}, which is not there"));
    unknown.chain(gone).collect()
}

/// Imports from a room of the same level or a higher one, save those `allowed`: from which room, and
/// what.
pub(super) fn imports_up_or_sideways(
    package: &Package,
    levels: &BTreeMap<String, u32>,
    allowed: &[(&str, &str)],
) -> Vec<String> {
    let mut faults = Vec::new();
    for (module, file) in &package.files {
        let Some((own, level)) = room(module, levels) else {
            continue;
        };
        for import in &file.imports {
            let what = import.join("::");
            let is_allowed = allowed
                .iter()
                .any(|(from, path)| from == own && what.starts_with(path));
            let theirs = room(import, levels).filter(|(other, _)| *other != own);
            if !is_allowed && theirs.is_some_and(|(_, theirs)| theirs >= level) {
                faults.push(format!("{} imports {what}", module.join("::")));
            }
        }
    }
    faults
}

/// Files that import each other, directly or through others. A file that only exports what others
/// declare is no part of a circle.
pub(super) fn circles(package: &Package) -> Vec<String> {
    let mut imports: BTreeMap<&ModulePath, BTreeSet<&ModulePath>> = BTreeMap::new();
    for (module, file) in &package.files {
        let homes = file.imports.iter().filter_map(|path| package.home(path));
        let others = homes.filter(|home| *home != module && !home.is_empty());
        imports.insert(module, others.collect());
    }
    let reach: BTreeMap<_, _> = imports
        .keys()
        .map(|module| (*module, reachable(module, &imports)))
        .collect();
    let circles: BTreeSet<Vec<String>> = reach
        .iter()
        .filter(|(module, reached)| reached.contains(*module))
        .map(|(module, reached)| {
            let back = reached
                .iter()
                .filter(|other| reach[*other].contains(module));
            back.map(|module| module.join("::")).collect()
        })
        .collect();
    circles
        .into_iter()
        .map(|circle| circle.join(" <-> "))
        .collect()
}

fn reachable<'a>(
    from: &ModulePath,
    imports: &BTreeMap<&'a ModulePath, BTreeSet<&'a ModulePath>>,
) -> BTreeSet<&'a ModulePath> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<_> = imports[from].iter().copied().collect();
    while let Some(module) = open.pop() {
        if reached.insert(module) {
            open.extend(&imports[module]);
        }
    }
    reached
}

/// Types that others can name and that share a name.
pub(super) fn types_of_one_name(package: &Package) -> Vec<String> {
    let mut places: BTreeMap<&String, Vec<String>> = BTreeMap::new();
    for (module, file) in &package.files {
        for name in &file.types {
            places.entry(name).or_default().push(module.join("::"));
        }
    }
    let twice = places.into_iter().filter(|(_, places)| places.len() > 1);
    twice
        .map(|(name, places)| format!("{name} stands in {}", places.join(" and ")))
        .collect()
}
