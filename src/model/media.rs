//! The formats the service takes, by a file's extension.
//!
//! Reads names only: what the bytes are is the service's to say. The lists are those of the
//! service's documentation.

use std::path::Path;

/// Extensions of videos, in lower case.
pub(crate) const VIDEO: [&str; 9] = [
    "mp4", "mov", "avi", "webm", "mkv", "flv", "wmv", "mpeg", "mpg",
];
/// Extensions of sound files, in lower case.
pub(crate) const AUDIO: [&str; 6] = ["mp3", "wav", "aac", "flac", "ogg", "m4a"];
/// Extensions of images, in lower case.
pub(crate) const IMAGE: [&str; 8] = ["jpg", "jpeg", "png", "gif", "webp", "bmp", "tiff", "tif"];

/// What a file holds, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum MediaKind {
    /// Moving pictures.
    Video,
    /// Sound.
    Audio,
    /// A still picture.
    Image,
}

impl MediaKind {
    /// The kind that the extension names, in any case of letters; `None` when the service does not
    /// take such files.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?;
        let listed = |formats: &[&str]| formats.iter().any(|f| extension.eq_ignore_ascii_case(f));
        if listed(&VIDEO) {
            Some(Self::Video)
        } else if listed(&AUDIO) {
            Some(Self::Audio)
        } else if listed(&IMAGE) {
            Some(Self::Image)
        } else {
            None
        }
    }
}

/// Whether the service takes files with this extension.
pub(crate) fn is_media(path: &Path) -> bool {
    MediaKind::of(path).is_some()
}

#[cfg(test)]
mod tests;
