//! Which path leads where. The middleware wraps every endpoint of the service, and not the sandbox's own.
//!
//! It answers only for the sandbox's own endpoints and for paths that lead nowhere.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, post};
use axum::{Json, Router};
use serde::Serialize;

use crate::answer::Refusal;
use crate::assets::HeldAsset;
use crate::call::Endpoint;
use crate::middleware;
use crate::service::Service;
use crate::stats::{PerEndpoint, Stats};
use crate::{api, storage};

/// Where the API lives on the sandbox's host.
pub(crate) const API: &str = "/serve/api/v2";

pub(crate) fn router(service: &Arc<Service>) -> Router {
    let passing = |endpoint, route: MethodRouter<Arc<Service>>| {
        let state = (Arc::clone(service), endpoint);
        route.route_layer(from_fn_with_state(state, middleware::pass))
    };
    let upload = passing(Endpoint::Direct, post(api::direct));
    let sign = passing(Endpoint::Sign, post(api::sign));
    let status = passing(Endpoint::Status, get(api::status));
    let remove = passing(Endpoint::Delete, delete(api::delete));
    let download = passing(Endpoint::Download, get(api::download));
    let send = passing(Endpoint::Send, post(storage::send));
    Router::new()
        .route(&format!("{API}/upload"), upload)
        .route(&format!("{API}/upload/signed-url"), sign)
        .route(&format!("{API}/{{asset_id}}"), remove)
        .route(&format!("{API}/{{asset_id}}/metadata"), status)
        .route(&format!("{API}/{{asset_id}}/download"), download)
        .route("/storage/{asset_id}", send)
        .route("/sandbox/assets", get(assets))
        .route("/sandbox/stats", get(stats))
        .fallback(not_found)
        .method_not_allowed_fallback(wrong_method)
        // The endpoints have limits of their own, and an upload may hold 5 GiB.
        .layer(DefaultBodyLimit::disable())
        .with_state(Arc::clone(service))
}

async fn assets(State(service): State<Arc<Service>>) -> Json<Vec<HeldAsset>> {
    Json(service.state().assets.view())
}

/// What was counted, and what came too early since a time after the start.
#[derive(Serialize)]
struct StatsPage {
    #[serde(flatten)]
    stats: Stats,
    #[serde(skip_serializing_if = "Option::is_none")]
    violations_since: Option<PerEndpoint>,
}

async fn stats(State(service): State<Arc<Service>>, uri: Uri) -> Response {
    let since = uri.query().and_then(|query| query.strip_prefix("since="));
    let since = since.map(humantime::parse_duration).transpose();
    let Ok(since) = since else {
        let words = "`since` is a duration after the start, such as `2m`";
        return Refusal::text(StatusCode::BAD_REQUEST, words).into_response();
    };
    let state = service.state();
    let mark = since.and_then(|since| state.limits.start().checked_add(since));
    let violations_since = mark.map(|mark| state.violations_since(mark));
    Json(StatsPage {
        stats: state.stats.clone(),
        violations_since,
    })
    .into_response()
}

async fn not_found(uri: Uri) -> impl IntoResponse {
    spring(StatusCode::NOT_FOUND, &uri)
}

async fn wrong_method(uri: Uri) -> impl IntoResponse {
    spring(StatusCode::METHOD_NOT_ALLOWED, &uri)
}

fn spring(status: StatusCode, uri: &Uri) -> Refusal {
    let path = uri.path().to_owned();
    Refusal::Spring { status, path }
}
