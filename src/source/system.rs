//! Files and folders that systems and programs keep for themselves beside what people keep: recycle
//! bins, thumbnails, snapshots, downloads under way.
//!
//! Told by their names alone.

use std::ffi::OsStr;
use std::path::Path;

/// Folders, in small letters; those that begin with a dot are known by that.
const FOLDERS: [&str; 11] = [
    "#recycle",
    "#snapshot",
    "$recycle.bin",
    "@eadir",
    "@recently-snapshot",
    "@recycle",
    "__macosx",
    "lost+found",
    "recycler",
    "system volume information",
    "~snapshot",
];

/// Files, in small letters; those that begin with a dot are known by that.
const FILES: [&str; 3] = ["desktop.ini", "ehthumbs.db", "thumbs.db"];

/// Extensions of files that are not whole yet.
const UNFINISHED: [&str; 6] = [
    "aria2",
    "crdownload",
    "download",
    "opdownload",
    "part",
    "partial",
];

/// Whether a folder of this name is one.
pub(super) fn is_system_folder(name: &OsStr) -> bool {
    is_hidden(name) || is_one_of(&FOLDERS, name)
}

/// Whether a file of this name is one.
pub(super) fn is_system_file(name: &OsStr) -> bool {
    let extension = Path::new(name).extension();
    is_hidden(name)
        || is_one_of(&FILES, name)
        || extension.is_some_and(|extension| is_one_of(&UNFINISHED, extension))
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

fn is_one_of(names: &[&str], name: &OsStr) -> bool {
    names.iter().any(|known| name.eq_ignore_ascii_case(known))
}
