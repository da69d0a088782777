//! What all calls share: the settings of an instance, and its state behind one lock.
//!
//! The lock is never held across an await. This file does not know which call asks.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, header};

use crate::call::CallFacts;
use crate::config::SandboxConfig;
use crate::fate::Fate;
use crate::faults::action::Action;
use crate::faults::choose::Rules;
use crate::limits::Limits;
use crate::processing::Processing;
use crate::signer::Signer;
use crate::sink::ReceivedFile;
use crate::state::ServiceState;

/// One running instance.
pub(crate) struct Service {
    /// `http://address:port`, and the same of signed URLs.
    pub(crate) origin: String,
    storage_origin: String,
    pub(crate) api_key: String,
    pub(crate) url_lifetime: Duration,
    pub(crate) keep: Option<PathBuf>,
    pub(crate) signer: Signer,
    pub(crate) rules: Rules,
    processing: Processing,
    seed: u64,
    state: Mutex<ServiceState>,
}

/// What became of a file that arrived whole.
#[derive(Debug)]
pub(crate) enum Settled {
    Stored,
    /// The asset holds other bytes already.
    Exists,
    /// The asset was deleted meanwhile.
    Gone,
}

impl Service {
    pub(crate) fn new(
        config: SandboxConfig,
        api_key: String,
        limits: Limits,
        origin: String,
    ) -> Self {
        Self {
            state: Mutex::new(ServiceState::new(limits, &config.faults)),
            storage_origin: config.storage_origin.unwrap_or_else(|| origin.clone()),
            origin,
            api_key,
            url_lifetime: config.url_lifetime,
            keep: config.keep,
            signer: Signer::new(),
            rules: config.faults.rules,
            processing: config.processing,
            seed: config.seed,
        }
    }

    /// Locks the state. A panic elsewhere leaves at worst a count that is off by one, so poison is ignored.
    pub(crate) fn state(&self) -> MutexGuard<'_, ServiceState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the request carries exactly the key, without a `Bearer`.
    pub(crate) fn knows_key(&self, headers: &HeaderMap) -> bool {
        let mut sent = headers.get_all(header::AUTHORIZATION).iter();
        sent.next().is_some_and(|value| value == &self.api_key) && sent.next().is_none()
    }

    /// The URL a sign call hands out.
    pub(crate) fn signed_url(&self, asset_id: &str, expires: u64) -> String {
        let signature = self.signer.sign(asset_id, &expires.to_string());
        let origin = &self.storage_origin;
        format!("{origin}/storage/{asset_id}?expires={expires}&signature={signature}")
    }

    /// What a fault does to this call, or to a new connection (`None`).
    pub(crate) fn choose(&self, call: Option<&CallFacts>) -> Option<&Action> {
        if self.rules.is_empty() {
            return None;
        }
        self.state().choose(&self.rules, call)
    }

    /// Adds an asset and returns its index and id. Without a URL lifetime it is a direct upload.
    pub(crate) fn allot(
        &self,
        filename: &str,
        url_lifetime: Option<Duration>,
        fate: Option<Fate>,
    ) -> (usize, String) {
        let mut state = self.state();
        state.stats.assets += 1;
        let index = state.assets.allot(filename, url_lifetime, fate);
        (index, state.assets.id(index))
    }

    /// Makes the file the content of the asset at `index`, unless it has one.
    ///
    /// The rename happens under the lock, so that of two uploads that end together exactly one wins.
    pub(crate) fn settle(&self, index: usize, file: &mut ReceivedFile) -> std::io::Result<Settled> {
        let mut state = self.state();
        let asset_id = state.assets.id(index);
        let Some(asset) = state.assets.at(index) else {
            return Ok(Settled::Gone);
        };
        asset.complete_posts += u32::from(asset.posts > 0);
        if asset.deleted {
            return Ok(Settled::Gone);
        }
        if asset.content.is_some() {
            return Ok(Settled::Exists);
        }
        if asset.loses_bytes() {
            return Ok(Settled::Stored);
        }
        if let (Some(folder), Some(draft)) = (&self.keep, file.draft.take()) {
            draft.persist(folder.join(stored_name(&asset_id, &asset.original_filename)))?;
        }
        asset.set_content(file, self.processing.draw(self.seed, index as u64));
        Ok(Settled::Stored)
    }
}

/// The name of a stored file. The extension is the client's text and must not lead out of the folder.
pub(crate) fn stored_name(asset_id: &str, filename: &str) -> String {
    let (_, extension) = stem_and_extension(filename);
    let is_plain = extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match extension.len() {
        1..=16 if is_plain => format!("{asset_id}.{extension}"),
        _ => format!("{asset_id}.bin"),
    }
}

/// A file name cut at its last dot, as the service shows it.
pub(crate) fn stem_and_extension(filename: &str) -> (&str, &str) {
    match filename.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => (stem, extension),
        _ => (filename, ""),
    }
}

#[cfg(test)]
mod tests;
