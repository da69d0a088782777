//! Carries out what a rule says: on a call, or on a new connection.
//!
//! Which rule that is was chosen elsewhere, by `faults`.

pub(crate) mod answer;
mod bodies;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::call::{CallFacts, Endpoint};
use crate::connection::Connection;
use crate::connection::End;
use crate::faults::action::{Action, Answer};
use crate::faults::units::Amount;
use crate::inject::answer::{OwnAnswer, replaced};
use crate::inject::bodies::LastBody;
use crate::service::Service;
use crate::upload::Upload;

/// A call and what surrounds it.
pub(crate) struct FaultContext<'a> {
    pub(crate) service: &'a Arc<Service>,
    pub(crate) call: &'a CallFacts,
    pub(crate) connection: Connection,
}

impl FaultContext<'_> {
    /// What the client gets instead of a plain call; for a call that is never answered this does not return.
    pub(crate) async fn run(self, action: &Action, request: Request, next: Next) -> Response {
        let mut own = None;
        if action.done {
            own = Some(self.serve(action, request, next).await);
        } else {
            self.ignore(action, request).await;
        }
        if let Some(delay) = action.delay {
            bodies::wait(delay).await;
        }
        let response = match (&action.answer, own) {
            (Answer::Replaced(answer), own) => {
                let text = match own {
                    Some(mut own) => own.text().await,
                    None => String::new(),
                };
                replaced(answer, self.service, self.call, text)
            }
            (Answer::Own(edits), Some(own)) => own.edited(edits, self.service, self.call).await,
            (Answer::Own(_) | Answer::None, _) => {
                self.connection
                    .end(action.end.map_or(End::Close, |ending| ending.end));
                std::future::pending().await
            }
        };
        self.outgoing(action, response)
    }

    fn is_upload(&self) -> bool {
        matches!(self.call.endpoint, Endpoint::Send | Endpoint::Direct)
    }

    /// Lets the service act.
    async fn serve(&self, action: &Action, mut request: Request, next: Next) -> OwnAnswer {
        if let Some(fate) = action.fate {
            request.extensions_mut().insert(fate);
        }
        if !self.is_upload() {
            if let Some(stall) = action.stall {
                bodies::wait(stall).await;
            }
        } else if action.stall.is_some() || action.slow.is_some() {
            let length = content_length(request.headers());
            let body = std::mem::take(request.body_mut());
            *request.body_mut() = bodies::slowed_upload(body, length, action);
        }
        let response = next.run(request).await;
        OwnAnswer { response }
    }

    /// Takes as much of the request as the rule says and does nothing with it.
    async fn ignore(&self, action: &Action, request: Request) {
        let (head, body) = request.into_parts();
        let length = content_length(&head.headers);
        let mut upload = Upload::new(self.service, self.call.asset_id.as_deref(), body);
        if self.is_upload() {
            upload.discard(action.read.of(length), action.slow).await;
        }
        if let Some(stall) = action.stall {
            bodies::wait(stall).await;
        }
        // An early answer is followed by what is left of the body, unless the connection ends with it.
        if action.read != Amount::All {
            match action.end {
                None => upload.linger(),
                Some(_) => self.connection.store_unread(upload),
            }
        }
    }

    /// The answer as it goes out: slowly, cut, as the connection's last.
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
        if let Some(slow) = action.slow {
            body = Body::from_stream(bodies::slowed(body, slow));
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

/// What becomes of a connection before anything was read from it; `None` to serve it.
pub(crate) async fn on_connect(action: &Action) -> Option<End> {
    for wait in [action.stall, action.delay].into_iter().flatten() {
        bodies::wait(wait).await;
    }
    match action.answer {
        Answer::None => Some(action.end.map_or(End::Close, |ending| ending.end)),
        _ => None,
    }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}
