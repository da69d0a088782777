//! Storage's side: a POST to a signed URL.
//!
//! It knows signatures and bodies, not keys. What can be refused early is refused before the body is read, as real
//! storage does.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};

use crate::answer::Refusal;
use crate::fate::Fate;
use crate::service::{Service, Settled};
use crate::upload::{Upload, UploadError};

/// The most one file may hold, 5 GiB.
const SEND_LIMIT: u64 = 5 * 1024 * 1024 * 1024;

/// `POST /storage/{asset_id}`.
pub(crate) async fn send(
    State(service): State<Arc<Service>>,
    Path(asset_id): Path<String>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let upload = Upload::new(&service, Some(&asset_id), body);
    let (index, fate) = match check(&service, &asset_id, &head.uri, head.extensions.get()) {
        Ok(found) => found,
        Err(refusal) => {
            upload.linger();
            return refusal.into_response();
        }
    };
    let mut file = match upload.receive(&head.headers, SEND_LIMIT, fate).await {
        Ok(file) => file,
        Err(error) => return refused(&error).into_response(),
    };
    match service.settle(index, &mut file) {
        Ok(Settled::Stored) => "File uploaded successfully".into_response(),
        Ok(Settled::Exists) => exists().into_response(),
        Ok(Settled::Gone) => gone().into_response(),
        Err(error) => refused(&UploadError::Disk(error)).into_response(),
    }
}

/// Checks that the URL is valid and its asset still empty, and sets the fate that a fault decided.
fn check(
    service: &Service,
    asset_id: &str,
    url: &Uri,
    fate: Option<&Fate>,
) -> Result<(usize, Fate), Refusal> {
    let expires = parameter(url, "expires");
    if service.signer.sign(asset_id, expires) != parameter(url, "signature") {
        let text = "SignatureDoesNotMatch";
        return Err(Refusal::text(StatusCode::FORBIDDEN, text));
    }
    let mut state = service.state();
    let index = state.assets.index(asset_id).ok_or_else(gone)?;
    let asset = state.assets.at(index).ok_or_else(gone)?;
    if asset.url_expired() {
        return Err(Refusal::text(StatusCode::FORBIDDEN, "Request has expired"));
    }
    if asset.deleted {
        return Err(gone());
    }
    if asset.content.is_some() {
        return Err(exists());
    }
    if let Some(fate) = fate {
        asset.set_fate(*fate);
    }
    Ok((index, asset.fate()))
}

/// A parameter of the URL. Those of a signed URL need no decoding.
fn parameter<'a>(url: &'a Uri, key: &str) -> &'a str {
    let mut pairs = url.query().unwrap_or_default().split('&');
    let found = pairs.find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='));
    found.unwrap_or_default()
}

fn gone() -> Refusal {
    Refusal::text(StatusCode::NOT_FOUND, "the asset does not exist")
}

fn exists() -> Refusal {
    Refusal::text(StatusCode::CONFLICT, "the object already exists")
}

fn refused(error: &UploadError) -> Refusal {
    match error {
        UploadError::NoLength => {
            Refusal::text(StatusCode::LENGTH_REQUIRED, "Content-Length required")
        }
        UploadError::TooLarge => Refusal::text(StatusCode::PAYLOAD_TOO_LARGE, "EntityTooLarge"),
        UploadError::Malformed(what) => Refusal::text(StatusCode::BAD_REQUEST, what.0),
        UploadError::Broken => Refusal::text(StatusCode::BAD_REQUEST, "IncompleteBody"),
        UploadError::Disk(error) => {
            let text = format!("cannot keep the file: {error}");
            Refusal::text(StatusCode::INTERNAL_SERVER_ERROR, text)
        }
    }
}
