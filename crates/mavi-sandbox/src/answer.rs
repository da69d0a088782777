//! The shapes of the service's answers: envelope, Spring JSON, plain text.
//!
//! It does not decide which answer a call gets.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};

use crate::call::Endpoint;
use crate::limits::{LimitStyle, TooEarly};

/// An answer whose envelope reports success.
pub(crate) fn success(payload: impl Serialize) -> Response {
    let envelope = json!({
        "code": 200, "msg": "success", "data": payload, "success": true, "failed": false,
    });
    Json(envelope).into_response()
}

/// An envelope that reports a failure.
pub(crate) fn refusal(code: impl Into<Value>, msg: &str) -> Value {
    json!({ "code": code.into(), "msg": msg, "data": null, "success": false, "failed": true })
}

/// A refusal, in one of the service's shapes.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The API's own: an envelope with another `code`.
    Envelope {
        status: StatusCode,
        code: &'static str,
        msg: String,
    },
    /// The API's frame refuses before the service itself is reached.
    Spring { status: StatusCode, path: String },
    /// Storage's: a status and a text.
    Text(StatusCode, String),
    /// A call that came too early. Storage has no envelopes.
    TooEarly { storage: bool, early: TooEarly },
}

impl Refusal {
    /// HTTP 400 with code `0001`.
    pub(crate) fn bad_request(msg: impl Into<String>) -> Self {
        let (status, msg) = (StatusCode::BAD_REQUEST, msg.into());
        let code = "0001";
        Self::Envelope { status, code, msg }
    }

    /// HTTP 200 with code `0003`.
    pub(crate) fn no_such_asset() -> Self {
        Self::Envelope {
            status: StatusCode::OK,
            code: "0003",
            msg: "the asset does not exist".to_owned(),
        }
    }

    /// HTTP 401 with code `0401`.
    pub(crate) fn bad_key() -> Self {
        Self::Envelope {
            status: StatusCode::UNAUTHORIZED,
            code: "0401",
            msg: "the API key is missing or wrong".to_owned(),
        }
    }

    pub(crate) fn too_early(endpoint: Endpoint, early: TooEarly) -> Self {
        let storage = endpoint == Endpoint::Send;
        Self::TooEarly { storage, early }
    }

    pub(crate) fn text(status: StatusCode, text: impl Into<String>) -> Self {
        Self::Text(status, text.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Envelope { status, code, msg } => {
                (status, Json(refusal(code, &msg))).into_response()
            }
            Self::Spring { status, path } => (status, Json(spring(status, &path))).into_response(),
            Self::Text(status, text) => (status, text).into_response(),
            Self::TooEarly { storage, early } => {
                let mut response = if storage {
                    storage_throttle(early.style)
                } else {
                    throttle(early.style)
                };
                if early.style == LimitStyle::RetryAfter {
                    // Whole seconds, and never fewer than it takes.
                    let seconds = early.left.as_secs() + u64::from(early.left.subsec_nanos() > 0);
                    response
                        .headers_mut()
                        .insert(header::RETRY_AFTER, seconds.into());
                }
                response
            }
        }
    }
}

const THROTTLE_MSG: &str = "Request has exceeded the limit.";

fn throttle(style: LimitStyle) -> Response {
    let (status, code) = match style {
        LimitStyle::Code429 => (StatusCode::OK, json!(429)),
        LimitStyle::Code0429 => (StatusCode::OK, json!("0429")),
        LimitStyle::Http400 => (StatusCode::BAD_REQUEST, json!("0001")),
        LimitStyle::Http429 | LimitStyle::RetryAfter | LimitStyle::SlowDown => {
            (StatusCode::TOO_MANY_REQUESTS, json!("0429"))
        }
    };
    (status, Json(refusal(code, THROTTLE_MSG))).into_response()
}

fn storage_throttle(style: LimitStyle) -> Response {
    if style != LimitStyle::SlowDown {
        return (StatusCode::TOO_MANY_REQUESTS, THROTTLE_MSG).into_response();
    }
    let headers = [(header::CONTENT_TYPE, "application/xml")];
    let text =
        "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>";
    (StatusCode::SERVICE_UNAVAILABLE, headers, text).into_response()
}

/// The JSON of a [`Refusal::Spring`].
pub(crate) fn spring(status: StatusCode, path: &str) -> Value {
    json!({
        "timestamp": jiff::Timestamp::now().to_string(),
        "path": path,
        "status": status.as_u16(),
        "error": status.canonical_reason().unwrap_or("Error"),
        "requestId": format!("{:08x}-{}", fastrand::u32(..), fastrand::u16(..)),
    })
}
