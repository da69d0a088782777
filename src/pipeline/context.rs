//! What all workers of a run share. Holds it together and does nothing with it.

use std::sync::Arc;

use super::concurrency::ConcurrencyController;
use super::dedupe::ContentClaims;
use crate::body::Bandwidth;
use crate::event::Events;
use crate::poll::{ConfirmPolicy, PollScheduler};
use crate::rate_limit::RateLimited;
use crate::recorder::Recorder;
use crate::retry::{Budget, RetryPolicy};
use crate::shutdown::Shutdown;

/// How files go up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Via {
    /// An asset is asked for, then filled through its signed URL: its id is known before a byte
    /// leaves.
    #[default]
    SignedUrl,
    /// In one call, for files under [`crate::decision::DIRECT_SIZE`]: the id comes with the answer, so
    /// that a lost answer leaves an asset that no one knows.
    Direct,
}

/// What all workers of a run share.
#[derive(Debug)]
pub(crate) struct RunContext<S> {
    /// The service, no faster than its limits.
    pub(crate) service: RateLimited<S>,
    /// The one writer.
    pub(crate) recorder: Recorder,
    /// Where things that happen are reported.
    pub(crate) events: Events,
    /// How files go up.
    pub(crate) via: Via,
    /// The bandwidth that all uploads share, where it has a limit.
    pub(crate) bandwidth: Option<Arc<Bandwidth>>,
    /// Upload slots.
    pub(crate) concurrency: ConcurrencyController,
    /// How often and how soon to try again.
    pub(crate) retry: RetryPolicy,
    /// How many retries the run can afford.
    pub(crate) budget: Budget,
    /// How long to poll for SUCCESS.
    pub(crate) confirm: ConfirmPolicy,
    /// Which asset is polled next.
    pub(crate) polls: PollScheduler,
    /// Which bytes are on their way, when files with the same bytes share an upload.
    pub(crate) claims: Option<Arc<ContentClaims>>,
    /// The request to stop.
    pub(crate) shutdown: Shutdown,
}
