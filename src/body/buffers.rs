//! Buffers that go round: from the reader to the connection and back. Knows no file.
//!
//! A fresh buffer a chunk costs its zeroing and its page faults, a tenth of the whole client. The
//! one that came back last is taken first: it is still in the processor's cache.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

/// The buffers of one transfer that are not in use at present.
#[derive(Debug, Clone, Default)]
pub(super) struct Buffers(Arc<Mutex<Vec<Vec<u8>>>>);

impl Buffers {
    /// A buffer of `length` bytes that may hold anything.
    pub(super) fn take(&self, length: usize) -> Vec<u8> {
        let Some(mut buffer) = self.idle().pop() else {
            return vec![0; length];
        };
        buffer.resize(length, 0);
        buffer
    }

    /// The buffer's content, to be sent; when all of it is dropped the buffer is back.
    pub(super) fn lend(&self, buffer: Vec<u8>) -> Bytes {
        Bytes::from_owner(Lent {
            buffer,
            home: self.clone(),
        })
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Lent {
    buffer: Vec<u8>,
    home: Buffers,
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.buffer
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let buffer = std::mem::take(&mut self.buffer);
        self.home.idle().push(buffer);
    }
}

#[cfg(test)]
mod tests;
