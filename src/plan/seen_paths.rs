//! The same path on two rows, recognised by hashes: nine bytes a row, or twice that while the table
//! grows. Opens no file.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, BuildHasherDefault, Hasher, RandomState};
use std::path::Path;

/// The paths of earlier rows, and whether those rows were refused.
///
/// One bit of a path's hash stores that. With 63 bits left, two of a million different paths share a
/// hash in one plan of 18 million; then one row more is called a duplicate.
#[derive(Debug, Default)]
pub(super) struct SeenPaths {
    random: RandomState,
    hashes: HashSet<u64, BuildHasherDefault<Unhashed>>,
}

impl SeenPaths {
    /// How the first row of this path ended: refused, or not; `None` when this is the first.
    pub(super) fn earlier(&self, path: &Path) -> Option<bool> {
        let hash = self.hash(path);
        let is_seen = |refused| self.hashes.contains(&(hash | u64::from(refused)));
        [false, true].into_iter().find(|refused| is_seen(*refused))
    }

    pub(super) fn add(&mut self, path: &Path, refused: bool) {
        self.hashes.insert(self.hash(path) | u64::from(refused));
    }

    /// By the path's bytes, as the ledger compares paths: `a//b` is not `a/b`.
    fn hash(&self, path: &Path) -> u64 {
        self.random.hash_one(path.as_os_str()) & !1
    }
}

/// Passes a hash through.
#[derive(Debug, Default)]
struct Unhashed(u64);

impl Hasher for Unhashed {
    fn finish(&self) -> u64 {
        // The table uses the highest and the lowest bits, and the lowest stores the refusal.
        self.0.rotate_right(1)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}
