//! Files and folders given by name, as a source: folders are walked lazily, in order of names.
//!
//! One folder's entries are held at a time, and those of the folders above it. What cannot be
//! walked becomes a refused candidate, so that it has a row; a link to a folder above it is only
//! noticed, since its files have their rows. Opens folders, never files.

mod own;

use std::path::{Path, PathBuf, absolute};
use std::{fs, io};

use own::OwnFiles;

use super::candidate::{Candidate, Notice, NoticeKind, Source};
use super::cells::Cells;
use super::filter::Filter;
use super::foreign::windows_path;
use super::spell::spell;
use super::system::{is_system_file, is_system_folder};
use crate::model::{ErrorCode, RowFailure};

/// How folders are walked.
#[derive(Debug, Clone, Default)]
pub struct WalkOptions {
    /// Which files are wanted.
    pub filter: Filter,
    /// Whether symbolic links found in a folder are followed; a path that is given always is.
    pub follow: bool,
    /// Whether files and folders that systems and programs keep for themselves are taken: recycle
    /// bins, thumbnails, snapshots, downloads under way, names that begin with a dot. A path that is
    /// given always is.
    pub system_files: bool,
    /// The program's own files (report, ledger): neither they nor the temporary files beside them
    /// are ever candidates. They need not exist yet.
    pub own_files: Vec<PathBuf>,
}

/// Walks the given paths, one after the other.
///
/// The only column is `path`: the path as walked, which is the given path joined with the part
/// below it, safe for spreadsheets: one that begins with `=`, `+`, `-`, `@`, TAB, CR, LF or `%:`
/// gets `./` in front. One that is not UTF-8 is written as `%:` and then the path, with each `%`
/// and each byte that is not part of a character as `%XX`.
///
/// A file that is given is a candidate whatever its format, though the globs of the filter hold
/// for its name; in folders only what the filter wants is.
#[derive(Debug)]
pub struct Walk {
    waiting: std::vec::IntoIter<PathBuf>,
    tree: Option<Tree>,
    filter: Filter,
    follow: bool,
    system_files: bool,
    own: OwnFiles,
    notices: Vec<Notice>,
    columns: Cells,
}

impl Walk {
    /// A walk over `paths`, in their order. Touches no disk before the first candidate is asked for.
    #[must_use]
    pub fn new(paths: Vec<PathBuf>, options: WalkOptions) -> Self {
        Self {
            waiting: paths.into_iter(),
            tree: None,
            filter: options.filter,
            follow: options.follow,
            system_files: options.system_files,
            own: OwnFiles::new(options.own_files),
            notices: Vec::new(),
            columns: Cells::encode([b"path".as_slice()]),
        }
    }

    /// Begins with a given path; a candidate when that is all there is to it.
    fn begin(&mut self, given: PathBuf) -> Option<Candidate> {
        let inspected = absolute(&given).and_then(|path| Ok((fs::metadata(&path)?, path)));
        match inspected {
            Ok((meta, path)) if meta.is_dir() => {
                self.tree = Some(Tree::new(given, path, self.follow, self.system_files));
                None
            }
            Ok((_, path)) => {
                let name = Path::new(path.file_name().unwrap_or_default());
                let wanted = self.filter.globs_want(name) && !self.own.contain(&path);
                wanted.then(|| candidate(&given, path, None))
            }
            Err(error) => {
                let path = absolute(&given).unwrap_or_default();
                let foreign = windows_path(given.as_os_str().as_encoded_bytes(), &path);
                let failure = foreign.unwrap_or_else(|| RowFailure::from_io(&error));
                Some(candidate(&given, path, Some(failure)))
            }
        }
    }
}

impl Iterator for Walk {
    type Item = Candidate;

    fn next(&mut self) -> Option<Candidate> {
        loop {
            if let Some(tree) = &mut self.tree
                && let Some(found) = tree.next(&self.filter, &mut self.own, &mut self.notices)
            {
                return Some(found);
            }
            self.tree = None;
            let given = self.waiting.next()?;
            if let Some(found) = self.begin(given) {
                return Some(found);
            }
        }
    }
}

impl Source for Walk {
    fn columns(&self) -> &Cells {
        &self.columns
    }

    fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }
}

/// One given folder on its way through.
#[derive(Debug)]
struct Tree {
    given: PathBuf,
    root: PathBuf,
    system_files: bool,
    entries: walkdir::IntoIter,
}

impl Tree {
    fn new(given: PathBuf, root: PathBuf, follow: bool, system_files: bool) -> Self {
        let walk = walkdir::WalkDir::new(&root)
            .follow_links(follow)
            .sort_by_file_name();
        let entries = walk.into_iter();
        Self {
            given,
            root,
            system_files,
            entries,
        }
    }

    fn next(
        &mut self,
        filter: &Filter,
        own: &mut OwnFiles,
        notices: &mut Vec<Notice>,
    ) -> Option<Candidate> {
        loop {
            let found = match self.entries.next()? {
                Ok(entry) => self.visit(entry, filter, own, notices),
                Err(error) => self.stumble(&error, filter, notices),
            };
            if found.is_some() {
                return found;
            }
        }
    }

    fn visit(
        &mut self,
        entry: walkdir::DirEntry,
        filter: &Filter,
        own: &mut OwnFiles,
        notices: &mut Vec<Notice>,
    ) -> Option<Candidate> {
        let kind = entry.file_type();
        let relative = entry
            .path()
            .strip_prefix(&self.root)
            .unwrap_or(entry.path());
        if kind.is_dir() {
            let is_excluded = filter.leaves_out(relative);
            let is_system = !self.system_files && is_system_folder(entry.file_name());
            if entry.depth() > 0 && (is_excluded || is_system) {
                self.entries.skip_current_dir();
                notices.extend((!is_excluded).then(|| system_file(entry.path())));
            }
            return None;
        }
        if kind.is_symlink() || !filter.wants(relative) || own.contain(entry.path()) {
            return None;
        }
        if !self.system_files && is_system_file(entry.file_name()) {
            notices.push(system_file(entry.path()));
            return None;
        }
        Some(candidate(
            &self.given.join(relative),
            entry.into_path(),
            None,
        ))
    }

    /// What could not be walked: a row, a notice, or neither.
    fn stumble(
        &self,
        error: &walkdir::Error,
        filter: &Filter,
        notices: &mut Vec<Notice>,
    ) -> Option<Candidate> {
        let name = error.path().and_then(Path::file_name).unwrap_or_default();
        if error.depth() > 0 && !self.system_files && is_system_folder(name) {
            return None;
        }
        notices.extend(self.link_loop(error, filter));
        self.mishap(error, filter)
    }

    /// The row of a folder or link that could not be walked.
    fn mishap(&self, error: &walkdir::Error, filter: &Filter) -> Option<Candidate> {
        let cause = error.io_error()?;
        let path = error.path().unwrap_or(&self.root);
        let relative = path.strip_prefix(&self.root).unwrap_or(path);
        // A dangling link to something that was not wanted anyway is not worth a row.
        if is_link(path) && is_gone(cause) && !filter.wants(relative) {
            return None;
        }
        let failure = about(path, RowFailure::from_io(cause));
        let cell = if relative.as_os_str().is_empty() {
            self.given.clone()
        } else {
            self.given.join(relative)
        };
        Some(candidate(&cell, path.to_owned(), Some(failure)))
    }

    /// A followed link that leads to a folder above it, unless it is left out like any other folder.
    fn link_loop(&self, error: &walkdir::Error, filter: &Filter) -> Option<Notice> {
        error.loop_ancestor()?;
        let path = error.path().unwrap_or(&self.root);
        let relative = path.strip_prefix(&self.root).unwrap_or(path);
        (!filter.leaves_out(relative)).then(|| Notice {
            kind: NoticeKind::LinkLoop,
            path: path.to_owned(),
        })
    }
}

fn system_file(path: &Path) -> Notice {
    Notice {
        kind: NoticeKind::SystemFile,
        path: path.to_owned(),
    }
}

/// Says that nothing below a folder was walked, where the refusal is about one.
fn about(path: &Path, failure: RowFailure) -> RowFailure {
    if is_link(path) || failure.code == ErrorCode::NotFound {
        return failure;
    }
    let text = format!("nothing in this folder was walked: {}", failure.text);
    RowFailure::new(failure.code, text)
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|meta| meta.is_symlink())
}

fn is_gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}

fn candidate(shown: &Path, path: PathBuf, failure: Option<RowFailure>) -> Candidate {
    Candidate {
        path,
        name: None,
        expected_sha256: None,
        cells: Cells::encode([spell(shown).as_bytes()]),
        failure,
    }
}

#[cfg(test)]
mod tests;
