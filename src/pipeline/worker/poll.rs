//! The steps of a life that look at its asset: after doubt, and until it is confirmed.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::super::machine::{Step, UploadMachine};
use super::FileWorker;
use crate::api::{Fault, Service, StatusAnswer};
use crate::crash;
use crate::event::Event;
use crate::model::AssetId;

/// The pauses between looks at an asset whose upload ended in doubt: three looks over 15 s, at a
/// retry delay of one second.
const DOUBT_PAUSE: Duration = Duration::from_millis(7_500);

impl<S: Service> FileWorker<S> {
    /// Looks at an asset whose upload ended in doubt: ahead of the line, since its slot waits.
    pub(super) async fn resolve(&mut self, way: &mut UploadMachine) {
        let Step::Resolve(asset_id, looks) = way.step() else {
            return;
        };
        let asset_id = asset_id.clone();
        let pause = if looks == 0 {
            Duration::ZERO
        } else {
            self.crew.retry.scaled(DOUBT_PAUSE)
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.crew.stop.nothing_new().cancelled() => return,
        }
        if let Some(answer) = self.look(asset_id).await {
            way.looked(answer, self.version, false, Timestamp::now());
        }
    }

    /// Waits in line for the look that may confirm the asset. Holds no upload slot.
    pub(super) async fn confirm(&mut self, way: &mut UploadMachine) {
        let Step::Confirm(asset) = way.step() else {
            return;
        };
        self.slot = None;
        if self.crew.confirm.timeout.is_none() {
            return way.leave_pending();
        }
        let crew = Arc::clone(&self.crew);
        let kept = self.watch.take().filter(|watch| watch.is_of(asset));
        let mut watch = kept.unwrap_or_else(|| crew.looks.watch(asset));
        let asset_id = asset.asset_id.clone();
        let turn = tokio::select! {
            turn = crew.looks.turn(&watch) => turn,
            () = crew.stop.nothing_new().cancelled() => return,
        };
        let late = crew.looks.is_late(&watch);
        let Some(answer) = Box::pin(self.look(asset_id)).await else {
            return;
        };
        if let Some(word) = crew.looks.learn(&mut watch, &answer) {
            crew.events.send(Event::Warning(format!(
                "the service calls an upload {word:?}, a status this program does not know: it is \
                 taken for one that is not over"
            )));
        }
        drop(turn);
        self.watch = Some(watch);
        way.looked(answer, self.version, late, Timestamp::now());
    }

    /// One look; `None` when the run's end came first.
    async fn look(&mut self, asset_id: AssetId) -> Option<Result<StatusAnswer, Fault>> {
        let mut broken = false;
        let answer = loop {
            crash::point("look asking");
            match self.ask(&asset_id).await? {
                Err(Fault::Cancelled) => return None,
                // Most likely a kept connection that the other side was just closing; asking is free.
                Err(Fault::Broken(_)) if !broken => broken = true,
                Err(Fault::Descriptors(_)) if self.wait_for_descriptors().await => {}
                answer => break answer,
            }
        };
        crash::point("look answered");
        if answer.is_ok() {
            self.crew.budget.earn();
        }
        self.crew.events.send(Event::Looked { asset_id });
        Some(answer)
    }

    async fn ask(&self, asset_id: &AssetId) -> Option<Result<StatusAnswer, Fault>> {
        tokio::select! {
            answer = self.crew.service.status(asset_id) => Some(answer),
            () = self.crew.stop.calls().cancelled() => None,
        }
    }
}
