//! The one place every call of the service passes, before it is acted upon and after.
//!
//! Key and limits are checked here. So is the point where a call could be made to go wrong on cue: [`before`] may
//! answer in the service's place and [`after`] may replace its answer, both knowing the endpoint, the asset, the
//! file's name and the call's number. What the calls do is in `api` and `storage`.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{RawPathParams, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tokio::time::Instant;

use super::answer::Refusal;
use super::api::{self, JSON_LIMIT};
use super::intake::Intake;
use super::service::Service;

/// A call of the service, and the unit of its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    Sign,
    Send,
    Status,
    Direct,
    Delete,
    Download,
}

/// What is known of a call when its head was read.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) endpoint: Endpoint,
    /// The call's number among those to its endpoint, from 1.
    pub(super) ordinal: u64,
    /// The asset id in its path, whether it exists or not.
    pub(super) asset_id: Option<String>,
    /// The file it is about: as asked for in a sign call, or the named asset's.
    pub(super) filename: Option<String>,
}

/// Wraps every endpoint of the service.
pub(super) async fn pass(
    State((service, endpoint)): State<(Arc<Service>, Endpoint)>,
    params: RawPathParams,
    request: Request,
    next: Next,
) -> Response {
    let asset_id = params.iter().next().map(|(_, value)| value.to_owned());
    let (asked, request) = asked_filename(endpoint, request).await;
    let call = arrive(&service, endpoint, asset_id, asked);
    let answer = match before(&service, &call, request.headers()) {
        None => next.run(request).await,
        Some(refusal) => {
            if matches!(endpoint, Endpoint::Send | Endpoint::Direct) {
                let asset_id = call.asset_id.as_deref();
                Intake::new(&service, asset_id, request.into_body()).linger();
            }
            refusal.into_response()
        }
    };
    after(&service, &call, answer)
}

/// The name in a sign call's body, which is read here and put back.
async fn asked_filename(endpoint: Endpoint, request: Request) -> (Option<String>, Request) {
    if endpoint != Endpoint::Sign {
        return (None, request);
    }
    let (head, body) = request.into_parts();
    // A body that is too large or broken becomes an empty one, which the call then refuses as malformed.
    let bytes = to_bytes(body, JSON_LIMIT).await.unwrap_or_default();
    let asked = api::asked_filename(&bytes).ok();
    (asked, Request::from_parts(head, Body::from(bytes)))
}

/// Counts the call and gathers what is known of it.
fn arrive(
    service: &Service,
    endpoint: Endpoint,
    asset_id: Option<String>,
    asked: Option<String>,
) -> Call {
    let mut books = service.books();
    let ordinal = books.stats.calls.of(endpoint);
    *ordinal += 1;
    let ordinal = *ordinal;
    let asset = asset_id.as_deref().and_then(|id| books.shelf.find(id));
    let filename = asset.map(|asset| {
        asset.posts += u32::from(endpoint == Endpoint::Send);
        asset.original_filename.to_string()
    });
    Call {
        endpoint,
        ordinal,
        asset_id,
        filename: filename.or(asked),
    }
}

/// Why the call goes no further, if so.
fn before(service: &Service, call: &Call, headers: &HeaderMap) -> Option<Refusal> {
    let mut books = service.books();
    // Storage knows no keys: the URL's signature is checked with the upload itself.
    if call.endpoint != Endpoint::Send && !service.knows_key(headers) {
        books.stats.unauthorized += 1;
        return Some(Refusal::bad_key());
    }
    if !books.limits.admit(call.endpoint, Instant::now()) {
        *books.stats.violations.of(call.endpoint) += 1;
        return Some(Refusal::too_early());
    }
    let leaks = [header::AUTHORIZATION, header::COOKIE, header::REFERER];
    if call.endpoint == Endpoint::Send && leaks.iter().any(|name| headers.contains_key(name)) {
        books.stats.leaked_headers += 1;
        let text = "Authorization, Cookie and Referer must not be sent to storage";
        return Some(Refusal::text(StatusCode::BAD_REQUEST, text));
    }
    None
}

/// The answer as it leaves.
fn after(service: &Service, call: &Call, answer: Response) -> Response {
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
        *service.books().stats.refused.of(call.endpoint) += 1;
    }
    answer
}
