//! Files with the same bytes: before one is uploaded, its duplicates are looked for.
//!
//! A file that shares its size with none costs a question to the ledger, and is not read. Sends
//! nothing; what a duplicate leads to is the machine's.

use std::path::Path;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::blocking::{Heartbeat, run_blocking};
use super::local::LocalAccess;
use crate::body::hash_file;
use crate::event::Event;
use crate::ledger::InProgressDuplicate;
use crate::model::{FileId, FileStamp, FileVersion, RowFailure, Sha256, StoredState};
use crate::pipeline::context::RunContext;
use crate::pipeline::dedupe::{ClaimAnswer, ContentClaim, ContentClaims};
use crate::pipeline::machine::{Step, UploadMachine};
use crate::recorder::RecorderStopped;

/// The search for duplicates of one file, and the claim on its bytes.
pub(super) struct DuplicateSearch<S> {
    context: Arc<RunContext<S>>,
    claims: Arc<ContentClaims>,
    file: FileId,
    claim: Option<ContentClaim>,
}

impl<S> DuplicateSearch<S> {
    /// `None` where files with the same bytes go up each for itself.
    pub(super) fn new(context: &Arc<RunContext<S>>, file: FileId) -> Option<Self> {
        Some(Self {
            claims: context.claims.clone()?,
            context: Arc::clone(context),
            file,
            claim: None,
        })
    }

    /// The file was read while it was sent.
    pub(super) fn set_digest(&mut self, digest: Sha256) {
        if let Some(claim) = &mut self.claim {
            claim.set_digest(digest);
        }
    }

    /// Claims what the ledger says is this file's already, so that its duplicates wait for it. Returns
    /// how the file stands then: another one may have been ahead with the same asset.
    pub(super) async fn claim_stored(
        &mut self,
        local: &mut LocalAccess<S>,
        mut stored_state: StoredState,
    ) -> Result<StoredState, RecorderStopped> {
        if let StoredState::Sent(asset) = &stored_state
            && let Some(digest) = asset.sha256
        {
            self.claim_sent(local, asset.version, digest).await;
            stored_state = self.context.recorder.stored_state(self.file).await?;
        }
        if let StoredState::Allotted(_) = stored_state {
            // A file that cannot be read is found out, and reported, when it is opened to be sent.
            let claimed = self.claim_content(local).await.ok().flatten();
            self.claim = claimed.map(|(_, claim)| claim);
            stored_state = self.context.recorder.stored_state(self.file).await?;
        }
        Ok(stored_state)
    }

    async fn claim_sent(
        &mut self,
        local: &mut LocalAccess<S>,
        version: FileVersion,
        digest: Sha256,
    ) {
        loop {
            match self.claims.claim_sent(self.file, version, digest) {
                ClaimAnswer::Granted(claim) => self.claim = Some(claim),
                ClaimAnswer::Wait(ended) if self.wait_for(local, &ended).await => continue,
                ClaimAnswer::Wait(_) | ClaimAnswer::Read => {}
            }
            return;
        }
    }

    /// Makes sure that no other file uploads, or has uploaded, the same bytes. `false`: the machine
    /// takes another way, or the run is stopping.
    pub(super) async fn may_upload(
        &mut self,
        local: &mut LocalAccess<S>,
        machine: &mut UploadMachine,
    ) -> Result<bool, RecorderStopped> {
        // The claim comes before the question to the ledger: what the ledger does not know yet, no
        // other file can begin any more.
        let (version, mut claim) = match self.claim_content(local).await {
            Ok(Some(claimed)) => claimed,
            Ok(None) => return Ok(false),
            Err(failure) => {
                machine.not_read_ahead(failure);
                return Ok(false);
            }
        };
        if claim.digest().is_none() && self.has_candidates(version.size).await? {
            match self.read_ahead(local).await {
                Ok(Some((stamp, digest))) if claim.is_for(FileVersion::from(&stamp)) => {
                    claim.set_digest(digest);
                }
                Ok(_) => return Ok(false),
                Err(failure) => {
                    machine.not_read_ahead(failure);
                    return Ok(false);
                }
            }
        }
        if let Some(digest) = claim.digest() {
            let duplicate = self.duplicate(version.size, digest).await?;
            machine.read_ahead(version, digest, duplicate);
        }
        self.claim = Some(claim);
        Ok(matches!(machine.step(), Step::Sign | Step::Send(_)))
    }

    /// Claims the file's bytes, reading them where only their digest distinguishes them from others of
    /// their size. `Ok(None)`: the run is stopping.
    async fn claim_content(
        &mut self,
        local: &mut LocalAccess<S>,
    ) -> Result<Option<(FileVersion, ContentClaim)>, RowFailure> {
        let mut read: Option<(FileStamp, Sha256)> = None;
        loop {
            let Some(stamp) = local.open().await?.map(|file| *file.stamp()) else {
                return Ok(None);
            };
            let version = FileVersion::from(&stamp);
            // A claim for the file as it was before is of no use: it ends here.
            if let Some(claim) = self.claim.take().filter(|claim| claim.is_for(version)) {
                return Ok(Some((version, claim)));
            }
            let digest = read.filter(|(then, _)| *then == stamp);
            let digest = digest.map(|(_, digest)| digest);
            match self.claims.claim_file(self.file, &stamp, digest) {
                ClaimAnswer::Granted(claim) => return Ok(Some((version, claim))),
                ClaimAnswer::Wait(ended) => {
                    if !self.wait_for(local, &ended).await {
                        return Ok(None);
                    }
                }
                ClaimAnswer::Read => {
                    let Some((stamp, digest)) = self.read_ahead(local).await? else {
                        return Ok(None);
                    };
                    if stamp.is_linked() {
                        self.claims.remember(stamp, digest);
                    }
                    read = Some((stamp, digest));
                }
            }
        }
    }

    /// Whether another file of this size has, or may have, an asset.
    async fn has_candidates(&self, size: u64) -> Result<bool, RecorderStopped> {
        let recorder = &self.context.recorder;
        let candidates = recorder.duplicate_candidates(self.file, size, None).await?;
        Ok(candidates.stored.is_some() || !candidates.begun.is_empty())
    }

    /// How another file stands that has these bytes, where there is one.
    async fn duplicate(
        &self,
        size: u64,
        digest: Sha256,
    ) -> Result<Option<StoredState>, RecorderStopped> {
        let recorder = &self.context.recorder;
        let candidates = recorder
            .duplicate_candidates(self.file, size, Some(digest))
            .await?;
        Ok(match candidates.stored {
            Some(stored) => Some(stored),
            None => self.in_progress(candidates.begun, digest).await,
        })
    }

    /// Of the files that an earlier run began to upload, and that have not begun in this one, the one
    /// with these bytes: its asset may hold them.
    async fn in_progress(
        &self,
        begun: Vec<InProgressDuplicate>,
        digest: Sha256,
    ) -> Option<StoredState> {
        for begun in begun {
            let StoredState::Allotted(asset) = &begun.stored_state else {
                continue;
            };
            if self.claims.is_claimed(begun.file) {
                continue;
            }
            let (version, claims) = (asset.version, Arc::clone(&self.claims));
            let read = move |heartbeat: &Heartbeat| {
                let keep_on = || heartbeat.beat();
                Ok(digest_of(&claims, &begun.path, version, &keep_on))
            };
            let read = run_blocking(&self.context.shutdown, read).await;
            if read == Some(Ok(Some(digest))) {
                return Some(begun.stored_state);
            }
        }
        None
    }

    /// Reads the file, holding an upload slot: no more files are read at once than are sent.
    async fn read_ahead(
        &self,
        local: &mut LocalAccess<S>,
    ) -> Result<Option<(FileStamp, Sha256)>, RowFailure> {
        self.context.events.send(Event::ReadingAhead {
            path: local.path().to_owned(),
            size: local.size(),
        });
        local.hash().await
    }

    /// Waits for another file's claim to end, holding no slot. `false`: the run is stopping.
    async fn wait_for(&self, local: &mut LocalAccess<S>, ended: &CancellationToken) -> bool {
        local.release_slot();
        tokio::select! {
            () = ended.cancelled() => true,
            () = self.context.shutdown.draining().cancelled() => false,
        }
    }
}

/// The digest of a file that is of `version` still; blocking.
fn digest_of(
    claims: &ContentClaims,
    path: &Path,
    version: FileVersion,
    keep_on: &dyn Fn() -> bool,
) -> Option<Sha256> {
    let stamp = FileStamp::of(&std::fs::metadata(path).ok()?);
    if FileVersion::from(&stamp) != version {
        return None;
    }
    if let Some(digest) = claims.digest(&stamp) {
        return Some(digest);
    }
    let (stamp, digest) = hash_file(path, keep_on).ok()??;
    claims.remember(stamp, digest);
    (FileVersion::from(&stamp) == version).then_some(digest)
}
