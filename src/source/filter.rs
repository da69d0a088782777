//! Which files of a walk are wanted: media, by name, by glob.
//!
//! Decides by names alone; touches no disk.

use std::path::Path;

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

use crate::model::is_media;
use crate::text::plain;

/// Include and exclude globs, and whether files that are not media are wanted too.
///
/// A glob is matched against the path relative to the walked folder and against the bare file
/// name. `*` and `?` stay within one folder, `**` goes across. An exclude glob that matches a
/// folder leaves out everything in it.
#[derive(Debug, Clone)]
pub struct Filter {
    /// `None` wants every name.
    include: Option<GlobSet>,
    exclude: GlobSet,
    all_files: bool,
}

/// A glob that cannot be understood.
#[derive(Debug, thiserror::Error)]
#[error("{option} '{glob}': {cause}")]
pub struct FilterError {
    /// The option it was given to.
    pub option: &'static str,
    /// The glob as given.
    pub glob: String,
    /// What is wrong with it.
    pub cause: globset::ErrorKind,
}

impl Filter {
    /// Builds a filter; no include glob means that every name is wanted.
    ///
    /// # Errors
    /// The first glob that cannot be understood.
    pub fn new(
        include: &[String],
        exclude: &[String],
        all_files: bool,
    ) -> Result<Self, FilterError> {
        let wanted = globs("--include", include)?;
        Ok(Self {
            include: (!include.is_empty()).then_some(wanted),
            exclude: globs("--exclude", exclude)?,
            all_files,
        })
    }

    /// Whether a file found by walking is wanted; `relative` is its path below the walked folder.
    #[must_use]
    pub fn wants(&self, relative: &Path) -> bool {
        (self.all_files || is_media(relative)) && self.globs_want(relative)
    }

    /// Whether the globs let a file pass, whatever its format.
    #[must_use]
    pub fn globs_want(&self, relative: &Path) -> bool {
        let included = self
            .include
            .as_ref()
            .is_none_or(|globs| matches(globs, relative));
        included && !matches(&self.exclude, relative)
    }

    /// Whether a folder is left out with everything in it.
    #[must_use]
    pub fn leaves_out(&self, folder: &Path) -> bool {
        matches(&self.exclude, folder)
    }
}

impl Default for Filter {
    /// All media files.
    fn default() -> Self {
        Self {
            include: None,
            exclude: GlobSet::empty(),
            all_files: false,
        }
    }
}

fn matches(globs: &GlobSet, relative: &Path) -> bool {
    globs.is_match(relative)
        || relative
            .file_name()
            .is_some_and(|name| globs.is_match(name))
}

fn globs(option: &'static str, globs: &[String]) -> Result<GlobSet, FilterError> {
    let fault = |glob: &str, error: &globset::Error| FilterError {
        option,
        glob: plain(glob),
        cause: error.kind().clone(),
    };
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        set.add(parse(glob).map_err(|error| fault(glob, &error))?);
    }
    set.build().map_err(|error| fault(&globs.join(" "), &error))
}

/// `./clips` and `clips/` are what shells complete to; both mean `clips`.
fn parse(glob: &str) -> Result<Glob, globset::Error> {
    let bare = glob.strip_prefix("./").unwrap_or(glob);
    let bare = bare.strip_suffix('/').unwrap_or(bare);
    GlobBuilder::new(bare).literal_separator(true).build()
}

#[cfg(test)]
mod tests;
