//! Files with the same bytes: before one is uploaded, its twin is looked for.
//!
//! A file that shares its size with none costs a question to the ledger, and is not read.

use std::path::Path;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::FileWorker;
use super::local::{self, Beat};
use crate::api::Service;
use crate::body::hash_file;
use crate::event::Event;
use crate::ledger::InProgressDuplicate;
use crate::model::{FileStamp, FileVersion, Sha256, StoredState};
use crate::pipeline::dedupe::{ClaimAnswer, ContentClaim, ContentClaims};
use crate::pipeline::machine::{Step, UploadMachine};
use crate::recorder::RecorderStopped;

impl<S: Service> FileWorker<S> {
    /// Claims what the ledger says is this file's already, so that its twins wait for it. Another
    /// file may have been ahead with the same asset: this one starts from what that left.
    pub(super) async fn claim_sent(&mut self) -> Result<(), RecorderStopped> {
        let (Some(claims), StoredState::Sent(asset)) =
            (&self.context.claims, &self.job.stored_state)
        else {
            return Ok(());
        };
        let (claims, file, version) = (Arc::clone(claims), self.job.file, asset.version);
        let Some(digest) = asset.sha256 else {
            return Ok(());
        };
        loop {
            match claims.of_sent(file, version, digest) {
                ClaimAnswer::Granted(claim) => self.claim = Some(claim),
                ClaimAnswer::Wait(ended) if self.wait_for(&ended).await => continue,
                ClaimAnswer::Wait(_) | ClaimAnswer::Read => {}
            }
            break;
        }
        self.job.stored_state = self.context.recorder.stored_state(file).await?;
        Ok(())
    }

    /// Makes sure that nobody else uploads, or has uploaded, the same bytes. `false`: the protocol
    /// goes another way, or the run is stopping.
    pub(super) async fn is_alone(
        &mut self,
        machine: &mut UploadMachine,
    ) -> Result<bool, RecorderStopped> {
        let Some((version, mut claim)) = self.claim_bytes(machine).await? else {
            return Ok(self.context.claims.is_none());
        };
        let (file, size) = (self.job.file, version.size);
        if claim.digest().is_none() {
            let duplicate_candidates = self
                .context
                .recorder
                .duplicate_candidates(file, size, None)
                .await?;
            if duplicate_candidates.stored.is_some() || !duplicate_candidates.begun.is_empty() {
                let Some((stamp, digest)) = self.read_now(machine).await else {
                    return Ok(false);
                };
                if !claim.is_for(FileVersion::from(&stamp)) {
                    return Ok(false);
                }
                claim.read(digest);
            }
        }
        if let Some(digest) = claim.digest() {
            let duplicate_candidates = self
                .context
                .recorder
                .duplicate_candidates(file, size, Some(digest))
                .await?;
            let duplicate = match duplicate_candidates.stored {
                Some(stored) => Some(stored),
                None => self.same_of(duplicate_candidates.begun, digest).await,
            };
            machine.read_ahead(version, digest, duplicate);
        }
        self.claim = Some(claim);
        Ok(matches!(machine.step(), Step::Sign | Step::Send(_)))
    }

    /// Claims the file's bytes, reading them where only their digest tells them from others of
    /// their size. `None`: the file cannot be read, which the protocol knows, or the run is stopping.
    pub(super) async fn claim_bytes(
        &mut self,
        machine: &mut UploadMachine,
    ) -> Result<Option<(FileVersion, ContentClaim)>, RecorderStopped> {
        let Some(claims) = self.context.claims.clone() else {
            return Ok(None);
        };
        let mut read: Option<(FileStamp, Sha256)> = None;
        loop {
            let Some(file) = self.open(machine).await else {
                return Ok(None);
            };
            let stamp = *file.stamp();
            let version = FileVersion::from(&stamp);
            // A claim for the file as it was before is of no use: it ends here.
            if let Some(claim) = self.claim.take().filter(|claim| claim.is_for(version)) {
                return Ok(Some((version, claim)));
            }
            let digest = read.filter(|(then, _)| *then == stamp);
            match claims.of_file(self.job.file, &stamp, digest.map(|(_, digest)| digest)) {
                ClaimAnswer::Granted(claim) => return Ok(Some((version, claim))),
                ClaimAnswer::Wait(ended) => {
                    if !self.wait_for(&ended).await {
                        return Ok(None);
                    }
                }
                ClaimAnswer::Read => {
                    read = self.read_now(machine).await;
                    match read {
                        Some((stamp, digest)) if stamp.is_linked() => {
                            claims.remember(stamp, digest);
                        }
                        Some(_) => {}
                        None => return Ok(None),
                    }
                }
            }
        }
    }

    /// Of the files that an earlier run began to upload, and whose turn has not come in this one, the
    /// one with these bytes: its asset may hold them.
    async fn same_of(
        &self,
        begun: Vec<InProgressDuplicate>,
        digest: Sha256,
    ) -> Option<StoredState> {
        let claims = self.context.claims.clone()?;
        for begun in begun {
            let StoredState::Allotted(asset) = &begun.stored_state else {
                continue;
            };
            if claims.has(begun.file) {
                continue;
            }
            let (version, claims, shutdown) = (
                asset.version,
                Arc::clone(&claims),
                self.context.shutdown.clone(),
            );
            let read = move |beat: &Beat| {
                let keep_on = || {
                    beat.strike();
                    !shutdown.abort_uploads().is_cancelled()
                };
                digest_of(&claims, &begun.path, version, &keep_on)
            };
            let read = local::watched(&self.context.shutdown, move |beat| Ok(read(beat))).await;
            if let Some(Ok(Some(read))) = read
                && read == digest
            {
                return Some(begun.stored_state);
            }
        }
        None
    }

    /// Reads the file, holding an upload slot: no more files are read at once than are sent.
    async fn read_now(&mut self, machine: &mut UploadMachine) -> Option<(FileStamp, Sha256)> {
        self.context.events.send(Event::ReadingAhead {
            path: self.job.path.clone(),
            size: self.version.map_or(0, |version| version.size),
        });
        match self.read_through().await {
            Ok(read) => read,
            Err(refusal) => {
                machine.not_read_ahead(refusal);
                None
            }
        }
    }

    /// Waits for another file's claim to end, holding no slot. `false`: the run is stopping.
    async fn wait_for(&mut self, ended: &CancellationToken) -> bool {
        self.slot = None;
        tokio::select! {
            () = ended.cancelled() => true,
            () = self.context.shutdown.draining().cancelled() => false,
        }
    }
}

/// The digest of a file that looks like `version` still; blocking.
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
