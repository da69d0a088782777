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
    pub(super) async fn resolve(&mut self, machine: &mut UploadMachine) {
        let Step::Resolve(asset_id, polls) = machine.step() else {
            return;
        };
        let asset_id = asset_id.clone();
        let pause = if polls == 0 {
            Duration::ZERO
        } else {
            self.context.retry.scaled(DOUBT_PAUSE)
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.context.shutdown.draining().cancelled() => return,
        }
        if let Some(answer) = self.poll(asset_id).await {
            machine.polled(answer, self.version, false, Timestamp::now());
        }
    }

    /// Waits in line for the look that may confirm the asset. Holds no upload slot.
    pub(super) async fn confirm(&mut self, machine: &mut UploadMachine) {
        let Step::Confirm(asset) = machine.step() else {
            return;
        };
        self.slot = None;
        if self.context.confirm.timeout.is_none() {
            return machine.leave_pending();
        }
        let context = Arc::clone(&self.context);
        let kept = self.ticket.take().filter(|ticket| ticket.is_of(asset));
        let mut ticket = kept.unwrap_or_else(|| context.polls.ticket(asset));
        let asset_id = asset.asset_id.clone();
        let permit = tokio::select! {
            permit = context.polls.permit(&ticket) => permit,
            () = context.shutdown.draining().cancelled() => return,
        };
        let late = context.polls.is_late(&ticket);
        let Some(answer) = Box::pin(self.poll(asset_id)).await else {
            return;
        };
        if let Some(word) = context.polls.learn(&mut ticket, &answer) {
            context.events.send(Event::Warning(format!(
                "the service calls an upload {word:?}, a status this program does not know: it is \
                 taken for one that is not over"
            )));
        }
        drop(permit);
        self.ticket = Some(ticket);
        machine.polled(answer, self.version, late, Timestamp::now());
    }

    /// One look; `None` when the run's end came first.
    async fn poll(&mut self, asset_id: AssetId) -> Option<Result<StatusAnswer, Fault>> {
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
            self.context.budget.earn();
        }
        self.context.events.send(Event::Polled { asset_id });
        Some(answer)
    }

    async fn ask(&self, asset_id: &AssetId) -> Option<Result<StatusAnswer, Fault>> {
        tokio::select! {
            answer = self.context.service.status(asset_id) => Some(answer),
            () = self.context.shutdown.abort_calls().cancelled() => None,
        }
    }
}
