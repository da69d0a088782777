//! The API's side: sign, status, direct, delete and download, as the service answers them.
//!
//! It knows neither keys nor limits: every call that comes here has passed both.

use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::fs::File;
use tokio_util::io::ReaderStream;

use crate::answer::{Refusal, success};
use crate::assets::{Asset, unix_millis};
use crate::fate::Fate;
use crate::service::{Service, stem_and_extension, stored_name};
use crate::upload::{Upload, UploadError};

/// The longest JSON body that is read.
pub(crate) const JSON_LIMIT: usize = 64 * 1024;

/// The most a direct upload may hold, 500 MB.
const DIRECT_LIMIT: u64 = 500_000_000;

/// A download in small chunks would cost many times the CPU.
const DOWNLOAD_CHUNK: usize = 256 * 1024;

#[derive(Deserialize)]
struct SignRequest {
    original_filename: String,
}

/// One entry of the metadata's `resource`; the service writes numbers as strings.
#[derive(Serialize)]
struct Resource<'a> {
    extension: &'a str,
    asset_id: &'a str,
    original_filename: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_size: Option<String>,
    upload_status: &'static str,
    create_time: String,
    modify_time: String,
}

/// `POST /upload/signed-url`.
pub(crate) async fn sign(
    State(service): State<Arc<Service>>,
    fate: Option<Extension<Fate>>,
    body: Bytes,
) -> Response {
    let filename = match asked_filename(&body) {
        Ok(filename) => filename,
        Err(words) => return Refusal::bad_request(words).into_response(),
    };
    let lifetime = service.url_lifetime;
    let (_, asset_id) = service.allot(&filename, Some(lifetime), fate.map(|fate| fate.0));
    let expires = (unix_millis() / 1000).saturating_add(lifetime.as_secs());
    success(json!({
        "asset_id": asset_id,
        "signed_url": service.signed_url(&asset_id, expires),
        "expires_in": lifetime.as_secs(),
    }))
}

/// The name in a sign call's body, or what is wrong with the body.
pub(crate) fn asked_filename(body: &[u8]) -> Result<String, String> {
    let asked: SignRequest =
        serde_json::from_slice(body).map_err(|error| format!("malformed JSON: {error}"))?;
    if asked.original_filename.is_empty() {
        return Err("original_filename must not be empty".to_owned());
    }
    Ok(asked.original_filename)
}

/// `GET /{asset_id}/metadata`.
pub(crate) async fn status(
    State(service): State<Arc<Service>>,
    Path(asset_id): Path<String>,
) -> Response {
    let mut state = service.state();
    match state.assets.find(&asset_id) {
        Some(asset) if !asset.deleted && !asset.lags() => {
            asset.status_checks += 1;
            success(json!({ "total": 1, "resource": [resource(&asset_id, asset)] }))
        }
        _ => success(json!({ "total": 0, "resource": [] })),
    }
}

fn resource<'a>(asset_id: &'a str, asset: &'a Asset) -> Resource<'a> {
    let (stem, extension) = stem_and_extension(&asset.original_filename);
    let content = asset.content.as_ref();
    let modified = content.map_or(asset.create_time, |content| content.modify_time);
    Resource {
        extension,
        asset_id,
        original_filename: stem,
        file_size: content.map(|content| content.bytes.to_string()),
        upload_status: asset.upload_status(),
        create_time: asset.create_time.to_string(),
        modify_time: modified.to_string(),
    }
}

/// `POST /upload`: sign and send in one.
pub(crate) async fn direct(State(service): State<Arc<Service>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let upload = Upload::new(&service, None, body);
    let fate = head.extensions.get::<Fate>().copied();
    let received = upload.receive(&head.headers, DIRECT_LIMIT, fate.unwrap_or_default());
    let mut file = match received.await {
        Ok(file) => file,
        Err(error) => return refused(&error).into_response(),
    };
    let (index, asset_id) = service.allot(&file.filename, None, fate);
    match service.settle(index, &mut file) {
        Ok(_) => success(json!({ "asset_id": asset_id })),
        Err(error) => refused(&UploadError::Disk(error)).into_response(),
    }
}

fn refused(error: &UploadError) -> Refusal {
    let (status, code, msg) = match error {
        UploadError::NoLength => (
            StatusCode::LENGTH_REQUIRED,
            "0001",
            "Content-Length required".to_owned(),
        ),
        UploadError::TooLarge => {
            let msg = "a direct upload holds 500 MB at most".to_owned();
            (StatusCode::PAYLOAD_TOO_LARGE, "0001", msg)
        }
        UploadError::Malformed(what) => return Refusal::bad_request(what.0),
        UploadError::Broken => return Refusal::bad_request("the body is incomplete"),
        UploadError::Disk(error) => {
            let msg = format!("cannot keep the file: {error}");
            (StatusCode::INTERNAL_SERVER_ERROR, "0003", msg)
        }
    };
    Refusal::Envelope { status, code, msg }
}

/// `DELETE /{asset_id}`. A second call changes nothing and is no error, so that a client may repeat it.
pub(crate) async fn delete(
    State(service): State<Arc<Service>>,
    Path(asset_id): Path<String>,
) -> Response {
    let mut state = service.state();
    let Some(asset) = state.assets.find(&asset_id) else {
        return Refusal::no_such_asset().into_response();
    };
    asset.deleted = true;
    success(Value::Null)
}

/// `GET /{asset_id}/download`: the bytes, if the sandbox stores bodies.
pub(crate) async fn download(
    State(service): State<Arc<Service>>,
    Path(asset_id): Path<String>,
) -> Response {
    let Some((name, bytes)) = stored_file(&service, &asset_id) else {
        return Refusal::no_such_asset().into_response();
    };
    let opened = match &service.keep {
        Some(folder) => File::open(folder.join(name)).await.ok(),
        None => None,
    };
    let Some(file) = opened else {
        return Refusal::Envelope {
            status: StatusCode::OK,
            code: "0003",
            msg: "this sandbox does not hold the bytes; start it so that it keeps them".to_owned(),
        }
        .into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, bytes.to_string()),
    ];
    let stream = ReaderStream::with_capacity(file, DOWNLOAD_CHUNK);
    (headers, Body::from_stream(stream)).into_response()
}

/// The stored file's name and size, if the asset holds bytes and was not deleted.
fn stored_file(service: &Service, asset_id: &str) -> Option<(String, u64)> {
    let mut state = service.state();
    let asset = state.assets.find(asset_id).filter(|asset| !asset.deleted)?;
    let bytes = asset.content.as_ref()?.bytes;
    Some((stored_name(asset_id, &asset.original_filename), bytes))
}
