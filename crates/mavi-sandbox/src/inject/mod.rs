//! Carries an action out, on a call or on a new connection. It does not choose the action; `faults` does.
//!
//! Below it are `answer`, and below that `bodies`.

pub(crate) mod answer;
mod bodies;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;

use crate::call::CallFacts;
use crate::connection::{Connection, End};
use crate::faults::action::{Action, Answer};
use crate::faults::units::Amount;
use crate::inject::answer::{edited, replaced, text};
use crate::inject::bodies::LastBody;
use crate::service::Service;
use crate::upload::{Upload, content_length};

/// A call on which a fault acts.
pub(crate) struct FaultContext<'a> {
    pub(crate) service: &'a Arc<Service>,
    pub(crate) call: &'a CallFacts,
    pub(crate) connection: Connection,
}

impl FaultContext<'_> {
    /// Returns what the client receives. It does not return for a call that is never answered.
    pub(crate) async fn run(self, action: &Action, request: Request, next: Next) -> Response {
        let mut own = None;
        if action.done {
            own = Some(self.serve(action, request, next).await);
        } else {
            self.ignore(action, request).await;
        }
        bodies::wait(action.delay).await;
        let response = match (&action.answer, own) {
            (Answer::Replaced(answer), own) => {
                let own = match own {
                    Some(mut own) => text(&mut own).await,
                    None => String::new(),
                };
                replaced(answer, self.service, self.call, own)
            }
            (Answer::Own(edits), Some(own)) => edited(own, edits, self.service, self.call).await,
            (Answer::Own(_) | Answer::None, _) => {
                self.connection.end(end(action));
                std::future::pending().await
            }
        };
        self.outgoing(action, response)
    }

    /// Lets the service answer.
    async fn serve(&self, action: &Action, mut request: Request, next: Next) -> Response {
        if let Some(fate) = action.fate {
            request.extensions_mut().insert(fate);
        }
        if !self.call.endpoint.is_upload() {
            bodies::wait(action.stall).await;
        } else if action.stall.is_some() || action.slow.is_some() {
            let length = content_length(request.headers());
            let pause = action
                .stall
                .map(|stall| (action.read.of(length).unwrap_or(u64::MAX), stall));
            let body = std::mem::take(request.body_mut());
            *request.body_mut() = bodies::slowed(body, action.slow, pause);
        }
        next.run(request).await
    }

    /// Reads as much of the request as the action says and discards it.
    async fn ignore(&self, action: &Action, request: Request) {
        let (head, body) = request.into_parts();
        let length = content_length(&head.headers);
        let mut upload = Upload::new(self.service, self.call.asset_id.as_deref(), body);
        if self.call.endpoint.is_upload() {
            upload.discard(action.read.of(length), action.slow).await;
        }
        bodies::wait(action.stall).await;
        // What is left of the body is discarded after an early answer, unless the connection ends with it.
        if action.read != Amount::All {
            match action.end {
                None => upload.linger(),
                Some(_) => self.connection.store_unread(upload),
            }
        }
    }

    /// The answer as it is sent: slowly, cut, as the connection's last.
    fn outgoing(self, action: &Action, response: Response) -> Response {
        if action.slow.is_none() && action.end.is_none() && action.cut.is_none() {
            return response;
        }
        let (mut head, mut body) = response.into_parts();
        let known = http_body::Body::size_hint(&body).exact();
        let length = known.or_else(|| content_length(&head.headers));
        if let Some(length) = length {
            head.headers.insert(header::CONTENT_LENGTH, length.into());
        }
        if action.slow.is_some() {
            body = bodies::slowed(body, action.slow, None);
        }
        if let Some(ending) = action.end {
            let left = action.cut.and_then(|cut| cut.of(length));
            let connection = self.connection;
            body = Body::new(LastBody {
                inner: body,
                length,
                left,
                connection,
                ending,
            });
        }
        Response::from_parts(head, body)
    }
}

/// Acts on a connection before anything was read from it; `None` to serve it.
pub(crate) async fn on_connect(action: &Action) -> Option<End> {
    bodies::wait(action.stall).await;
    bodies::wait(action.delay).await;
    matches!(action.answer, Answer::None).then(|| end(action))
}

/// How the connection ends when nothing is answered.
fn end(action: &Action) -> End {
    action.end.map_or(End::Close, |ending| ending.end)
}
