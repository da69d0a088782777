//! What every call of the service passes: key, limits and the script of faults, in this order.
//!
//! It does not know what the calls do; `api` and `storage` do.

use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, to_bytes};
use axum::extract::{RawPathParams, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tokio::time::Instant;

use crate::answer::Refusal;
use crate::api::{self, JSON_LIMIT};
use crate::call::{CallFacts, Endpoint};
use crate::connection::Connection;
use crate::inject::FaultContext;
use crate::inject::answer::text;
use crate::service::Service;
use crate::upload::Upload;

/// Wraps every endpoint of the service.
pub(crate) async fn pass(
    State((service, endpoint)): State<(Arc<Service>, Endpoint)>,
    Extension(connection): Extension<Connection>,
    params: RawPathParams,
    request: Request,
    next: Next,
) -> Response {
    let asset_id = params.iter().next().map(|(_, value)| value.to_owned());
    let (asked, request) = asked_filename(endpoint, request).await;
    let call = arrive(&service, endpoint, &request, asset_id, asked);
    let answer = match refuse(&service, &call, request.headers()) {
        None => match service.choose(Some(&call)) {
            None => remember(&service, &call, next.run(request).await).await,
            Some(action) => {
                let (service, call) = (&service, &call);
                let context = FaultContext {
                    service,
                    call,
                    connection,
                };
                context.run(action, request, next).await
            }
        },
        Some(refusal) => {
            if endpoint.is_upload() {
                let asset_id = call.asset_id.as_deref();
                Upload::new(&service, asset_id, request.into_body()).linger();
            }
            refusal.into_response()
        }
    };
    record(&service, &call, answer)
}

/// The name in a sign call's body, which is read and put back.
async fn asked_filename(endpoint: Endpoint, request: Request) -> (Option<String>, Request) {
    if endpoint != Endpoint::Sign {
        return (None, request);
    }
    let (head, body) = request.into_parts();
    // A body that is too large or broken becomes an empty one, which `api` refuses as malformed.
    let bytes = to_bytes(body, JSON_LIMIT).await.unwrap_or_default();
    let asked = api::asked_filename(&bytes).ok();
    (asked, Request::from_parts(head, Body::from(bytes)))
}

/// Counts the call and collects its facts.
fn arrive(
    service: &Service,
    endpoint: Endpoint,
    request: &Request,
    asset_id: Option<String>,
    asked: Option<String>,
) -> CallFacts {
    let mut state = service.state();
    let ordinal = state.stats.calls.of(endpoint);
    *ordinal += 1;
    let ordinal = *ordinal;
    let asset = asset_id.as_deref().and_then(|id| state.assets.find(id));
    let mut arrived = false;
    let filename = asset.map(|asset| {
        asset.posts += u32::from(endpoint == Endpoint::Send);
        arrived = asset.content.is_some();
        asset.original_filename.to_string()
    });
    CallFacts {
        endpoint,
        ordinal,
        asset_id,
        filename: filename.or(asked),
        arrived,
        path: request.uri().path().to_owned(),
    }
}

/// Checks key and limits.
fn refuse(service: &Service, call: &CallFacts, headers: &HeaderMap) -> Option<Refusal> {
    let mut state = service.state();
    // Storage knows no keys: the URL's signature is checked with the upload itself.
    if call.endpoint != Endpoint::Send && !service.knows_key(headers) {
        state.stats.unauthorized += 1;
        return Some(Refusal::bad_key());
    }
    if let Err(early) = state.limits.admit(call.endpoint, Instant::now()) {
        *state.stats.violations.of(call.endpoint) += 1;
        return Some(Refusal::too_early(call.endpoint, early));
    }
    let leaks = [header::AUTHORIZATION, header::COOKIE, header::REFERER];
    if call.endpoint == Endpoint::Send && leaks.iter().any(|name| headers.contains_key(name)) {
        state.stats.leaked_headers += 1;
        let text = "Authorization, Cookie and Referer must not be sent to storage";
        return Some(Refusal::text(StatusCode::BAD_REQUEST, text));
    }
    None
}

/// Stores the answer's text, if the script of faults may repeat it.
async fn remember(service: &Service, call: &CallFacts, mut answer: Response) -> Response {
    if !service.rules.repeats_answers() || !answer.status().is_success() {
        return answer;
    }
    let text = text(&mut answer).await;
    if !text.is_empty() {
        service.state().previous[call.endpoint as usize] = Some(text);
    }
    answer
}

/// Logs the answer and counts it.
fn record(service: &Service, call: &CallFacts, answer: Response) -> Response {
    let status = answer.status();
    tracing::debug!(
        endpoint = ?call.endpoint,
        ordinal = call.ordinal,
        asset_id = call.asset_id,
        filename = call.filename,
        status = status.as_u16(),
        "sandbox call"
    );
    if !status.is_success() {
        *service.state().stats.refused.of(call.endpoint) += 1;
    }
    answer
}
