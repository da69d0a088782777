//! From an envelope's `data` to the values the pipeline works with.
//!
//! Pure, and distrustful: an id is checked before it can get into a path, a URL before it can get
//! a file. What is missing is a [`Fault::Protocol`]; what is unknown beyond need is ignored.

use std::time::Duration;

use serde_json::Value;

use super::fault::Fault;
use super::json;
use super::service::{SignedUpload, StatusAnswer};
use crate::model::{AssetId, SignedUrl, UploadStatus};
use crate::text::plain;

/// How long a signed URL is taken to live when the service does not say so.
const USUAL_LIFE: Duration = Duration::from_secs(3600);

/// The longest life that is believed, so that no sum with it can overflow: a year.
const LONGEST_LIFE_SECONDS: f64 = 365.0 * 86_400.0;

/// The answer to *sign*.
pub(super) fn signed_upload(content: &Value) -> Result<SignedUpload, Fault> {
    let asset_id = asset_id(content)?;
    let url = json::text(&content["signed_url"]).ok_or_else(|| missing("signed_url"))?;
    // The text is not repeated: most of a URL that cannot be read is still its signature.
    let url = SignedUrl::parse(url)
        .ok_or_else(|| Fault::Protocol("signed_url is not a URL".to_owned()))?;
    Ok(SignedUpload {
        asset_id,
        url,
        expires_in: life(&content["expires_in"]),
    })
}

/// The id in the answer to *sign* and *direct*.
pub(super) fn asset_id(content: &Value) -> Result<AssetId, Fault> {
    let text = json::text(&content["asset_id"]).ok_or_else(|| missing("asset_id"))?;
    AssetId::parse(text).ok_or_else(|| {
        Fault::Protocol(plain(&format!(
            "asset_id is not of the shape of an id: {text}"
        )))
    })
}

/// The answer to *status*, for `asset_id` alone.
pub(super) fn status_answer(content: &Value, asset_id: &AssetId) -> Result<StatusAnswer, Fault> {
    let resources = match &content["resource"] {
        Value::Array(resources) => resources.as_slice(),
        Value::Null if json::whole(&content["total"]) == Some(0) => &[],
        _ => return Err(missing("resource")),
    };
    let is_asked = |resource: &&Value| resource["asset_id"].as_str() == Some(asset_id.as_str());
    Ok(resources
        .iter()
        .find(is_asked)
        .map_or(StatusAnswer::Absent, |resource| StatusAnswer::Found {
            status: status(&resource["upload_status"]),
            file_size: json::whole(&resource["file_size"]),
        }))
}

fn status(value: &Value) -> UploadStatus {
    match value {
        Value::String(word) => UploadStatus::parse(&plain(word.trim())),
        other => UploadStatus::Unknown(plain(&other.to_string()).chars().take(40).collect()),
    }
}

fn life(value: &Value) -> Duration {
    json::number(value).map_or(USUAL_LIFE, |seconds| {
        Duration::from_secs_f64(seconds.clamp(0.0, LONGEST_LIFE_SECONDS))
    })
}

fn missing(what: &str) -> Fault {
    Fault::Protocol(format!("{what} is missing in the answer"))
}

#[cfg(test)]
mod tests;
