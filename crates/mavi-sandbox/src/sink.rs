//! Where one file's bytes go: they are counted, hashed and, if asked for, written to disk, in constant memory.
//!
//! A fault may change them first. This file knows neither requests nor assets.

use std::io;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use tempfile::TempPath;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

use crate::fate::Fate;

/// A body that arrived whole.
#[derive(Debug)]
pub(crate) struct ReceivedFile {
    pub(crate) filename: String,
    pub(crate) bytes: u64,
    pub(crate) sha256: [u8; 32],
    /// The stored file until it has its name; dropped, it is removed.
    pub(crate) draft: Option<TempPath>,
}

pub(crate) struct FileSink {
    hash: Sha256,
    bytes: u64,
    draft: Option<(File, TempPath)>,
    fate: Fate,
    /// The last bytes so far, of which a fault removes some.
    held_back: Vec<u8>,
}

impl FileSink {
    pub(crate) fn open(folder: Option<&Path>, fate: Fate) -> io::Result<Self> {
        let draft = folder.map(|folder| {
            let file = tempfile::Builder::new()
                .prefix(".mavi-sandbox-")
                .tempfile_in(folder)?;
            let (file, path) = file.into_parts();
            Ok::<_, io::Error>((File::from_std(file), path))
        });
        Ok(Self {
            hash: Sha256::new(),
            bytes: 0,
            draft: draft.transpose()?,
            fate,
            held_back: Vec::new(),
        })
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) async fn take(&mut self, content: &[u8]) -> io::Result<()> {
        if !self.fate.spoils() {
            return self.store(content).await;
        }
        self.held_back.extend_from_slice(content);
        let ready = self
            .held_back
            .len()
            .saturating_sub(self.fate.truncate as usize);
        let mut content: Vec<u8> = self.held_back.drain(..ready).collect();
        if let Some(first) = content
            .first_mut()
            .filter(|_| self.fate.flip && self.bytes == 0)
        {
            *first = !*first;
        }
        self.store(&content).await
    }

    async fn store(&mut self, content: &[u8]) -> io::Result<()> {
        self.hash.update(content);
        self.bytes += content.len() as u64;
        match &mut self.draft {
            Some((file, _)) => file.write_all(content).await,
            None => Ok(()),
        }
    }

    pub(crate) async fn close(mut self, filename: String) -> io::Result<ReceivedFile> {
        if let Some((file, _)) = &mut self.draft {
            // Writes are buffered by a blocking thread; this waits for the last one and its error.
            file.flush().await?;
        }
        Ok(ReceivedFile {
            filename,
            bytes: self.bytes,
            sha256: self.hash.finalize().into(),
            draft: self.draft.map(|(_, path)| path),
        })
    }
}
