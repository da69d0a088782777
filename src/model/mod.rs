//! The nouns that all rooms share: assets, files, jobs, facts, failures, limits, media, secrets.
//!
//! Plain values; nothing here opens a file, calls the service or remembers.

mod asset;
mod fact;
mod failure;
mod file;
mod job;
mod limits;
mod media;
mod secret;

pub use asset::{AssetId, Sha256, UploadStatus, dollars_a_day};
pub use fact::Fact;
pub(crate) use fact::Reason;
pub(crate) use failure::is_shortage;
pub use failure::{ErrorCode, RowFailure, advice};
pub use file::{FileId, FileStamp, FileVersion};
pub use job::Asset;
pub(crate) use job::{Job, Pass, StoredState};
pub use limits::{Endpoint, Rates};
pub(crate) use media::{AUDIO, IMAGE, VIDEO, is_media};
pub use secret::{ApiKey, ApiKeyError, SignedUrl, others_may_read};
