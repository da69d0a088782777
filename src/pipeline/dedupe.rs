//! Which bytes are on their way: a file claims its bytes before it is uploaded, so that no two files
//! of a run upload the same ones.
//!
//! The first file of its size in flight claims the whole size without being read: its digest is
//! known when it has been sent. Others of that size wait for it, and claim by digest. A claim ends with the
//! worker that holds it, however that ends. Knows neither disk nor ledger.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::model::{FileId, FileStamp, FileVersion, Sha256};

/// Digests remembered of files that may be met again; past that, all are forgotten and read anew.
const MOST_KNOWN: usize = 50_000;

/// What is claimed in one run.
#[derive(Debug, Default)]
pub(crate) struct ContentClaims(Mutex<Claimed>);

#[derive(Debug, Default)]
struct Claimed {
    sizes: HashMap<u64, SizeClaims>,
    files: HashSet<FileId>,
    known: HashMap<FileStamp, Sha256>,
}

/// The claims on one size; each token fires when its claim is over.
#[derive(Debug, Default)]
struct SizeClaims {
    unread: Option<CancellationToken>,
    read: HashMap<Sha256, CancellationToken>,
}

/// What asking for a claim leads to.
#[derive(Debug)]
pub(super) enum ClaimAnswer {
    /// The bytes are this file's to upload.
    Granted(ContentClaim),
    /// Perhaps the same bytes are on their way: ask again once this fires.
    Wait(CancellationToken),
    /// Files of the same size are on their way: only the digest can distinguish them.
    Read,
}

/// The right to upload certain bytes.
#[derive(Debug)]
pub(super) struct ContentClaim {
    claims: Arc<ContentClaims>,
    file: FileId,
    version: FileVersion,
    stamp: Option<FileStamp>,
    digest: Option<Sha256>,
}

impl ContentClaims {
    /// Asks for a file's bytes: as it was opened, and with its digest where that is known.
    pub(super) fn claim_file(
        self: &Arc<Self>,
        file: FileId,
        stamp: &FileStamp,
        digest: Option<Sha256>,
    ) -> ClaimAnswer {
        let digest = digest.or_else(|| self.digest(stamp));
        self.claim(file, FileVersion::from(stamp), Some(*stamp), digest)
    }

    /// Asks for bytes that were sent before.
    pub(super) fn claim_sent(
        self: &Arc<Self>,
        file: FileId,
        version: FileVersion,
        digest: Sha256,
    ) -> ClaimAnswer {
        self.claim(file, version, None, Some(digest))
    }

    fn claim(
        self: &Arc<Self>,
        file: FileId,
        version: FileVersion,
        stamp: Option<FileStamp>,
        digest: Option<Sha256>,
    ) -> ClaimAnswer {
        let mut claimed = self.lock();
        let of_size = claimed.sizes.entry(version.size).or_default();
        let other = of_size
            .unread
            .as_ref()
            .or_else(|| of_size.read.get(&digest?));
        if let Some(ended) = other {
            return ClaimAnswer::Wait(ended.clone());
        }
        let token = CancellationToken::new();
        match digest {
            Some(digest) => drop(of_size.read.insert(digest, token)),
            None if of_size.read.is_empty() => of_size.unread = Some(token),
            None => return ClaimAnswer::Read,
        }
        claimed.files.insert(file);
        ClaimAnswer::Granted(ContentClaim {
            claims: Arc::clone(self),
            file,
            version,
            stamp,
            digest,
        })
    }

    /// Whether a file has claimed its bytes: it is on its way.
    pub(super) fn is_claimed(&self, file: FileId) -> bool {
        self.lock().files.contains(&file)
    }

    /// The digest of a file that was read before.
    pub(super) fn digest(&self, stamp: &FileStamp) -> Option<Sha256> {
        self.lock().known.get(stamp).copied()
    }

    /// Remembers the digest of a file that may be met again.
    pub(super) fn remember(&self, stamp: FileStamp, digest: Sha256) {
        let mut claimed = self.lock();
        if claimed.known.len() >= MOST_KNOWN {
            claimed.known.clear();
        }
        claimed.known.insert(stamp, digest);
    }

    fn lock(&self) -> MutexGuard<'_, Claimed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ContentClaim {
    /// The digest of the bytes, once it is known.
    pub(super) fn digest(&self) -> Option<Sha256> {
        self.digest
    }

    /// Whether the claim is for the file as it is now.
    pub(super) fn is_for(&self, version: FileVersion) -> bool {
        self.version == version
    }

    /// The file was read. Others of its size that wait may go on, unless they have the same bytes.
    pub(super) fn set_digest(&mut self, digest: Sha256) {
        if self.digest.is_some() {
            return;
        }
        if let Some(stamp) = self.stamp.filter(FileStamp::is_linked) {
            self.claims.remember(stamp, digest);
        }
        self.digest = Some(digest);
        let mut claimed = self.claims.lock();
        let of_size = claimed.sizes.entry(self.version.size).or_default();
        // An unread claim is the only one of its size, so no other has this digest.
        of_size.read.insert(digest, CancellationToken::new());
        if let Some(token) = of_size.unread.take() {
            token.cancel();
        }
    }
}

impl Drop for ContentClaim {
    fn drop(&mut self) {
        let mut claimed = self.claims.lock();
        claimed.files.remove(&self.file);
        let Some(of_size) = claimed.sizes.get_mut(&self.version.size) else {
            return;
        };
        let token = match self.digest {
            Some(digest) => of_size.read.remove(&digest),
            None => of_size.unread.take(),
        };
        if of_size.unread.is_none() && of_size.read.is_empty() {
            claimed.sizes.remove(&self.version.size);
        }
        if let Some(token) = token {
            token.cancel();
        }
    }
}

#[cfg(test)]
mod tests;
