//! The shapes of the service's answers: envelope, Spring JSON, plain text.
//!
//! Shapes only; which answer a call gets is decided elsewhere.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};

/// An envelope that says yes.
pub(super) fn success(payload: impl Serialize) -> Response {
    let envelope = json!({
        "code": 200, "msg": "success", "data": payload, "success": true, "failed": false,
    });
    Json(envelope).into_response()
}

/// An answer that says no, in one of the service's ways.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The API's own: an envelope with another `code`.
    Envelope {
        /// The HTTP status.
        status: StatusCode,
        /// The envelope's `code`, a string as in the service's errors.
        code: &'static str,
        /// Words for people.
        msg: String,
    },
    /// The API's frame, before the service itself is reached.
    Spring {
        /// The HTTP status.
        status: StatusCode,
        /// The path that was asked for.
        path: String,
    },
    /// Storage's: a status and a text.
    Text(StatusCode, String),
}

impl Refusal {
    /// HTTP 400 with code `0001`: the request itself is wrong.
    pub(super) fn bad_request(msg: impl Into<String>) -> Self {
        let (status, msg) = (StatusCode::BAD_REQUEST, msg.into());
        let code = "0001";
        Self::Envelope { status, code, msg }
    }

    /// HTTP 200 with code `0003`: there is nothing under that id.
    pub(super) fn no_such_asset() -> Self {
        Self::Envelope {
            status: StatusCode::OK,
            code: "0003",
            msg: "the asset does not exist".to_owned(),
        }
    }

    /// HTTP 401 with code `0401`.
    pub(super) fn bad_key() -> Self {
        Self::Envelope {
            status: StatusCode::UNAUTHORIZED,
            code: "0401",
            msg: "the API key is missing or wrong".to_owned(),
        }
    }

    /// HTTP 429 with code `0429`.
    pub(super) fn too_early() -> Self {
        Self::Envelope {
            status: StatusCode::TOO_MANY_REQUESTS,
            code: "0429",
            msg: "Request has exceeded the limit.".to_owned(),
        }
    }

    /// A text from storage.
    pub(super) fn text(status: StatusCode, text: impl Into<String>) -> Self {
        Self::Text(status, text.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Envelope { status, code, msg } => {
                let envelope = json!({
                    "code": code, "msg": msg, "data": Value::Null, "success": false, "failed": true,
                });
                (status, Json(envelope)).into_response()
            }
            Self::Spring { status, path } => (status, Json(spring(status, &path))).into_response(),
            Self::Text(status, text) => (status, text).into_response(),
        }
    }
}

fn spring(status: StatusCode, path: &str) -> Value {
    json!({
        "timestamp": jiff::Timestamp::now().to_string(),
        "path": path,
        "status": status.as_u16(),
        "error": status.canonical_reason().unwrap_or("Error"),
        "requestId": format!("{:08x}-{}", fastrand::u32(..), fastrand::u16(..)),
    })
}
