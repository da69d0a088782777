//! The wire: what can be asked of the service, one attempt a call.
//!
//! Nothing here waits, retries, limits or remembers. [`Service`] is all that the pipeline knows of
//! it; [`Fault`] says what went wrong with a call, and what follows.

mod address;
mod answer;
mod decode;
mod envelope;
#[cfg(test)]
mod fake;
mod fault;
mod http;
mod http_client;
mod json;
mod network;
mod probe;
mod proxy;
mod resolver;
mod service;
mod storage;
#[cfg(test)]
mod tests;

pub use crate::body::{BodyFault, FileBody};
pub use address::{Address, BaseUrlError};
#[cfg(test)]
pub(crate) use answer::HttpAnswer;
#[cfg(test)]
pub(crate) use envelope::meaning;
pub use fault::{AccountFault, Fault, SendFault};
pub use http::HttpService;
pub use http_client::{HttpBuildError, HttpSettings};
pub use probe::Probe;
pub(crate) use proxy::Peer;
pub use service::{Service, SignedUpload, StatusAnswer};
