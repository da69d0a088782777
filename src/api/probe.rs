//! One *status* call, with what lies around its answer: for finding out what is wrong.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::Response;
use reqwest::header::DATE;

use super::HttpService;
use crate::api::{Fault, StatusAnswer, decode};
use crate::model::{AssetId, Endpoint};

/// What a call came to.
#[derive(Debug, Clone)]
pub struct Probe {
    /// The time that the service's `Date` header tells.
    pub date: Option<Timestamp>,
    /// The HTTP status; `None` when there was no answer.
    pub status: Option<u16>,
    /// What the answer means.
    pub look: Result<StatusAnswer, Fault>,
}

impl HttpService {
    /// Looks at an asset, which costs nothing.
    pub async fn probe(&self, asset_id: &AssetId) -> Probe {
        let url = self.address.call(&[asset_id.as_str(), "metadata"]);
        let request = self.api.get(url).timeout(self.call_timeout);
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => {
                return Probe {
                    date: None,
                    status: None,
                    look: Err(self.network_fault(&error)),
                };
            }
        };
        let (date, status) = (date(&response), response.status().as_u16());
        let content = self.data_of(Endpoint::Status, response).await;
        Probe {
            date,
            status: Some(status),
            look: content.and_then(|content| decode::look(&content, asset_id)),
        }
    }
}

fn date(response: &Response) -> Option<Timestamp> {
    let text = response.headers().get(DATE)?.to_str().ok()?;
    DateTimeParser::new().parse_timestamp(text).ok()
}
