//! Files with the same bytes: before one is uploaded, its twin is looked for.
//!
//! A file that shares its size with none costs a question to the ledger, and is not read.

use std::path::Path;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::Life;
use super::local::{self, Beat};
use crate::api::Service;
use crate::body::hash_file;
use crate::event::Event;
use crate::ledger::Begun;
use crate::model::{FileStamp, Seen, Sha256, Standing};
use crate::pipeline::claims::{Answer, Claim, Claims};
use crate::pipeline::protocol::{Protocol, Step};
use crate::recorder::Halted;

impl<S: Service> Life<S> {
    /// Claims what the ledger says is this file's already, so that its twins wait for it. Another
    /// file may have been ahead with the same asset: this one starts from what that left.
    pub(super) async fn claim_sent(&mut self) -> Result<(), Halted> {
        let (Some(claims), Standing::Sent(asset)) = (&self.crew.claims, &self.job.standing) else {
            return Ok(());
        };
        let (claims, file, seen) = (Arc::clone(claims), self.job.file, asset.seen);
        let Some(digest) = asset.sha256 else {
            return Ok(());
        };
        loop {
            match claims.of_sent(file, seen, digest) {
                Answer::Granted(claim) => self.claim = Some(claim),
                Answer::Wait(ended) if self.wait_for(&ended).await => continue,
                Answer::Wait(_) | Answer::Read => {}
            }
            break;
        }
        self.job.standing = self.crew.recorder.standing(file).await?;
        Ok(())
    }

    /// Makes sure that nobody else uploads, or has uploaded, the same bytes. `false`: the protocol
    /// goes another way, or the run is stopping.
    pub(super) async fn is_alone(&mut self, way: &mut Protocol) -> Result<bool, Halted> {
        let Some((seen, mut claim)) = self.claim_bytes(way).await? else {
            return Ok(self.crew.claims.is_none());
        };
        let (file, size) = (self.job.file, seen.size);
        if claim.digest().is_none() {
            let twins = self.crew.recorder.twins(file, size, None).await?;
            if twins.stored.is_some() || !twins.begun.is_empty() {
                let Some((stamp, digest)) = self.read_now(way).await else {
                    return Ok(false);
                };
                if !claim.is_for(Seen::from(&stamp)) {
                    return Ok(false);
                }
                claim.read(digest);
            }
        }
        if let Some(digest) = claim.digest() {
            let twins = self.crew.recorder.twins(file, size, Some(digest)).await?;
            let twin = match twins.stored {
                Some(stored) => Some(stored),
                None => self.same_of(twins.begun, digest).await,
            };
            way.read_ahead(seen, digest, twin);
        }
        self.claim = Some(claim);
        Ok(matches!(way.step(), Step::Sign | Step::Send(_)))
    }

    /// Claims the file's bytes, reading them where only their digest tells them from others of
    /// their size. `None`: the file cannot be read, which the protocol knows, or the run is stopping.
    pub(super) async fn claim_bytes(
        &mut self,
        way: &mut Protocol,
    ) -> Result<Option<(Seen, Claim)>, Halted> {
        let Some(claims) = self.crew.claims.clone() else {
            return Ok(None);
        };
        let mut read: Option<(FileStamp, Sha256)> = None;
        loop {
            let Some(file) = self.open(way).await else {
                return Ok(None);
            };
            let stamp = *file.stamp();
            let seen = Seen::from(&stamp);
            // A claim for the file as it was before is of no use: it ends here.
            if let Some(claim) = self.claim.take().filter(|claim| claim.is_for(seen)) {
                return Ok(Some((seen, claim)));
            }
            let digest = read.filter(|(then, _)| *then == stamp);
            match claims.of_file(self.job.file, &stamp, digest.map(|(_, digest)| digest)) {
                Answer::Granted(claim) => return Ok(Some((seen, claim))),
                Answer::Wait(ended) => {
                    if !self.wait_for(&ended).await {
                        return Ok(None);
                    }
                }
                Answer::Read => {
                    read = self.read_now(way).await;
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
    async fn same_of(&self, begun: Vec<Begun>, digest: Sha256) -> Option<Standing> {
        let claims = self.crew.claims.clone()?;
        for begun in begun {
            let Standing::Allotted(asset) = &begun.standing else {
                continue;
            };
            if claims.has(begun.file) {
                continue;
            }
            let (seen, claims, stop) = (asset.seen, Arc::clone(&claims), self.crew.stop.clone());
            let read = move |beat: &Beat| {
                let keep_on = || {
                    beat.strike();
                    !stop.uploads().is_cancelled()
                };
                digest_of(&claims, &begun.path, seen, &keep_on)
            };
            let read = local::watched(&self.crew.stop, move |beat| Ok(read(beat))).await;
            if let Some(Ok(Some(read))) = read
                && read == digest
            {
                return Some(begun.standing);
            }
        }
        None
    }

    /// Reads the file, holding an upload slot: no more files are read at once than are sent.
    async fn read_now(&mut self, way: &mut Protocol) -> Option<(FileStamp, Sha256)> {
        self.crew.events.send(Event::ReadingAhead {
            path: self.job.path.clone(),
            size: self.seen.map_or(0, |seen| seen.size),
        });
        match self.read_through().await {
            Ok(read) => read,
            Err(refusal) => {
                way.not_read_ahead(refusal);
                None
            }
        }
    }

    /// Waits for another file's claim to end, holding no slot. `false`: the run is stopping.
    async fn wait_for(&mut self, ended: &CancellationToken) -> bool {
        self.slot = None;
        tokio::select! {
            () = ended.cancelled() => true,
            () = self.crew.stop.nothing_new().cancelled() => false,
        }
    }
}

/// The digest of a file that looks like `seen` still; blocking.
fn digest_of(
    claims: &Claims,
    path: &Path,
    seen: Seen,
    keep_on: &dyn Fn() -> bool,
) -> Option<Sha256> {
    let stamp = FileStamp::of(&std::fs::metadata(path).ok()?);
    if Seen::from(&stamp) != seen {
        return None;
    }
    if let Some(digest) = claims.digest(&stamp) {
        return Some(digest);
    }
    let (stamp, digest) = hash_file(path, keep_on).ok()??;
    claims.remember(stamp, digest);
    (Seen::from(&stamp) == seen).then_some(digest)
}
