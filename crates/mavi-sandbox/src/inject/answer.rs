//! Makes an answer in the service's place, or alters the service's own. It does not send answers.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use serde_json::Value;

use crate::answer::{refusal, spring};
use crate::call::CallFacts;
use crate::faults::action::{Edits, Replacement, Shape};
use crate::faults::units::Repeat;
use crate::inject::bodies;
use crate::service::Service;

/// The longest answer that is altered or quoted. Only downloads are longer.
const OWN_LIMIT: usize = 64 * 1024;

/// Reads an answer's text and puts it back; empty if it is too long.
pub(crate) async fn text(response: &mut Response) -> String {
    let length = http_body::Body::size_hint(response.body()).exact();
    if length.is_none_or(|length| length > OWN_LIMIT as u64) {
        return String::new();
    }
    let body = std::mem::take(response.body_mut());
    let bytes = to_bytes(body, OWN_LIMIT).await.unwrap_or_default();
    *response.body_mut() = Body::from(bytes.clone());
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Alters the service's own answer. The body of one that is no JSON stays as it is.
pub(crate) async fn edited(
    mut response: Response,
    edits: &Edits,
    service: &Service,
    call: &CallFacts,
) -> Response {
    if edits.touch_the_body() {
        let own = text(&mut response).await;
        if let Ok(mut tree) = serde_json::from_str(&own) {
            alter(&mut tree, edits, &Placeholders { service, call, own });
            *response.body_mut() = Body::from(tree.to_string());
            response.headers_mut().remove(header::CONTENT_LENGTH);
        }
    }
    response.headers_mut().extend(edits.headers.clone());
    response
}

/// Makes an answer in the service's place; `own` is the text of the service's own, or empty.
pub(crate) fn replaced(
    replacement: &Replacement,
    service: &Service,
    call: &CallFacts,
    own: String,
) -> Response {
    let placeholders = Placeholders { service, call, own };
    let body = match (&replacement.shape, replacement.repeat) {
        (Shape::Spring, _) => Body::from(spring(replacement.status, &call.path).to_string()),
        (Shape::Envelope { code, msg }, _) => {
            Body::from(refusal(code.clone(), &placeholders.fill(msg)).to_string())
        }
        (Shape::Text(text), Repeat::Endless) => bodies::endless(&placeholders.fill(text)),
        (Shape::Text(text), Repeat::Times(times)) => {
            Body::from(placeholders.fill(text).repeat(times))
        }
    };
    let mut response = Response::new(body);
    *response.status_mut() = replacement.status;
    for (name, value) in &replacement.headers {
        let filled = value
            .to_str()
            .ok()
            .map(|text| HeaderValue::from_str(&placeholders.fill(text)));
        let value = filled.and_then(Result::ok).unwrap_or_else(|| value.clone());
        response.headers_mut().insert(name, value);
    }
    response
}

fn alter(tree: &mut Value, edits: &Edits, placeholders: &Placeholders<'_>) {
    for (path, value) in &edits.set {
        let value = match value {
            Value::String(text) => Value::String(placeholders.fill(text)),
            other => other.clone(),
        };
        put(tree, path, value);
    }
    for path in &edits.null {
        put(tree, path, Value::Null);
    }
    for path in &edits.drop {
        let (parent, key) = parent(tree, path);
        match parent {
            Some(Value::Object(object)) => drop(object.remove(key)),
            Some(Value::Array(list)) => list.truncate(key.parse().unwrap_or(list.len())),
            _ => {}
        }
    }
}

/// Puts a value at a path. A path that does not exist changes nothing.
fn put(tree: &mut Value, path: &str, value: Value) {
    let (parent, key) = parent(tree, path);
    match parent {
        Some(Value::Object(object)) => drop(object.insert(key.to_owned(), value)),
        Some(Value::Array(list)) => {
            if let Some(old) = list.get_mut(key.parse().unwrap_or(usize::MAX)) {
                *old = value;
            }
        }
        _ => {}
    }
}

fn parent<'a, 'p>(tree: &'a mut Value, path: &'p str) -> (Option<&'a mut Value>, &'p str) {
    let Some((above, key)) = path.rsplit_once('.') else {
        return (Some(tree), path);
    };
    (
        tree.pointer_mut(&format!("/{}", above.replace('.', "/"))),
        key,
    )
}

/// The names that may stand in braces.
const PLACEHOLDERS: [&str; 9] = [
    "asset_id",
    "filename",
    "origin",
    "signed_url",
    "resource",
    "upload_status",
    "file_size",
    "answer",
    "previous",
];

/// Replaces names in braces by what they stand for.
struct Placeholders<'a> {
    service: &'a Service,
    call: &'a CallFacts,
    own: String,
}

impl Placeholders<'_> {
    fn fill(&self, text: &str) -> String {
        let mut filled = text.to_owned();
        for name in PLACEHOLDERS {
            let placeholder = format!("{{{name}}}");
            if filled.contains(&placeholder) {
                filled = filled.replace(&placeholder, &self.value(name));
            }
        }
        filled
    }

    fn value(&self, name: &str) -> String {
        match name {
            "asset_id" => self
                .call
                .asset_id
                .clone()
                .unwrap_or_else(|| self.quote("/data/asset_id")),
            "filename" => self.call.filename.clone().unwrap_or_default(),
            "origin" => self.service.origin.clone(),
            "signed_url" => self.quote("/data/signed_url"),
            "resource" => self.quote("/data/resource/0"),
            "upload_status" => self.quote("/data/resource/0/upload_status"),
            // A waiting asset has no size, and a preset writes it as a bare number.
            "file_size" => match self.quote("/data/resource/0/file_size") {
                size if size.is_empty() => "null".to_owned(),
                size => size,
            },
            "answer" => self.own.clone(),
            _ => self.service.state().previous[self.call.endpoint as usize]
                .clone()
                .unwrap_or_default(),
        }
    }

    /// A part of the service's own answer: a text as it is, everything else as JSON.
    fn quote(&self, pointer: &str) -> String {
        let tree: Value = serde_json::from_str(&self.own).unwrap_or_default();
        match tree.pointer(pointer) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        }
    }
}
