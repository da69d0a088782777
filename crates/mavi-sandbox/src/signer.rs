//! Signs the URLs that the sandbox hands out.
//!
//! A signature catches a client that alters, confuses or invents a URL; the secret lives as long as the instance.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

pub(crate) struct Signer {
    secret: [u8; 32],
}

impl Signer {
    pub(crate) fn new() -> Self {
        let mut secret = [0; 32];
        fastrand::fill(&mut secret);
        Self { secret }
    }

    /// The signature over an asset id and the Unix second its URL ends at, in lower-case hex.
    ///
    /// Hashing twice with the secret in front is the shape of an HMAC: it cannot be extended.
    pub(crate) fn sign(&self, asset_id: &str, expires: &str) -> String {
        let inner = Sha256::new()
            .chain_update(self.secret)
            .chain_update(asset_id)
            .chain_update([0])
            .chain_update(expires)
            .finalize();
        let outer = Sha256::new()
            .chain_update(self.secret)
            .chain_update(inner)
            .finalize();
        hex(&outer)
    }
}

/// Bytes in lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests;
