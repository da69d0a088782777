//! `--path-map`: where the files of another machine's paths are on this one.
//!
//! Changes the text of a path alone; whether a file is there is asked elsewhere.

use std::path::PathBuf;
use std::str::FromStr;

use super::foreign::is_of_windows;

/// A folder as a manifest names it, and the folder here that it stands for.
///
/// Written as `D:\videos=/mnt/videos`. A path of Windows is compared in any case of letters, with
/// `\` and `/` alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathMap {
    from: String,
    to: PathBuf,
}

/// Why a text is no [`PathMap`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a folder of the manifest, = and the folder here: D:\\videos=/mnt/videos")]
pub struct ParsePathMapError;

impl FromStr for PathMap {
    type Err = ParsePathMapError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (from, to) = text.split_once('=').ok_or(ParsePathMapError)?;
        if from.is_empty() || to.is_empty() {
            return Err(ParsePathMapError);
        }
        Ok(Self {
            from: from.to_owned(),
            to: PathBuf::from(to),
        })
    }
}

impl PathMap {
    /// The path here for one below the folder; `None` for any other.
    pub(super) fn apply(&self, written: &[u8]) -> Option<Vec<u8>> {
        let is_foreign = is_of_windows(written) || is_of_windows(self.from.as_bytes());
        let (from, written) = if is_foreign {
            (with_slashes(self.from.as_bytes()), with_slashes(written))
        } else {
            (self.from.clone().into_bytes(), written.to_vec())
        };
        let mut folder = from.as_slice();
        while let Some(shorter) = folder.strip_suffix(b"/") {
            folder = shorter;
        }
        let (start, rest) = written.split_at_checked(folder.len())?;
        let is_same = start == folder || (is_foreign && start.eq_ignore_ascii_case(folder));
        // `/videos2` is not below `/videos`.
        let rest = rest.strip_prefix(b"/").filter(|_| is_same)?;
        let mut path = self.to.as_os_str().as_encoded_bytes().to_vec();
        path.push(b'/');
        path.extend_from_slice(rest);
        Some(path)
    }
}

fn with_slashes(path: &[u8]) -> Vec<u8> {
    let slash = |byte: &u8| if *byte == b'\\' { b'/' } else { *byte };
    path.iter().map(slash).collect()
}

#[cfg(test)]
mod tests;
