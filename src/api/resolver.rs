//! From a storage host's name to its addresses, without those that no file may go to.
//!
//! A signed URL is judged by its text before it is used, but a public name may stand for an address
//! of this machine or of the network around it. What is resolved here is what is connected to: a
//! second answer of the resolver cannot come in between.

use std::io;
use std::net::{IpAddr, SocketAddr};

use futures::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::Address;
use super::proxy::is_proxy;

/// Every address of a name is private.
#[derive(Debug, thiserror::Error)]
#[error("its name stands for a private address: --storage-host allows it")]
pub(super) struct NowherePublic;

type Found = io::Result<Vec<SocketAddr>>;

/// Resolves names for the client that talks to storage.
pub(super) struct StorageResolver {
    address: Address,
    look_up: fn(String) -> BoxFuture<'static, Found>,
}

impl StorageResolver {
    /// Asks the system.
    pub(super) fn new(address: Address) -> Self {
        Self {
            address,
            look_up: |host| {
                // The client puts the URL's port in the place of 0.
                Box::pin(async { Ok(tokio::net::lookup_host((host, 0)).await?.collect()) })
            },
        }
    }
}

impl Resolve for StorageResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (address, look_up) = (self.address.clone(), self.look_up);
        Box::pin(async move {
            let host = name.as_str().trim_end_matches('.').to_ascii_lowercase();
            let mut found = look_up(host.clone()).await?;
            // A proxy is reached by its own name, may well be private, and resolves the rest itself.
            let may_go_to = |ip: IpAddr| address.admits(&host, ip) || is_proxy(&host);
            found.retain(|at| may_go_to(at.ip()));
            if found.is_empty() {
                return Err(NowherePublic.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests;
