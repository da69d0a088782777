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
pub use file::FileId;
pub use file::FileStamp;
pub use file::FileVersion;
pub use job::Asset;
pub(crate) use job::Job;
pub(crate) use job::Pass;
pub(crate) use job::StoredState;
pub use limits::{Endpoint, Rates};
pub(crate) use media::AUDIO;
pub(crate) use media::IMAGE;
pub(crate) use media::VIDEO;
pub(crate) use media::is_media;
pub use secret::{ApiKey, ApiKeyError, SignedUrl, others_may_read};
