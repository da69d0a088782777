//! The same path on two rows, told by hashes: nine bytes a row, or twice that while the table grows.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, BuildHasherDefault, Hasher, RandomState};
use std::path::Path;

/// The paths that were met, and whether their rows were refused.
///
/// One bit of a path's hash gives way to that. With 63 bits left, a million different paths share
/// one once in 18 million times; then one row more is called a duplicate.
#[derive(Debug, Default)]
pub(super) struct Paths {
    random: RandomState,
    met: HashSet<u64, BuildHasherDefault<AsItIs>>,
}

impl Paths {
    /// How the first row of this path ended: refused, or not; `None` when this is the first.
    pub(super) fn earlier(&self, path: &Path) -> Option<bool> {
        let hash = self.hash(path);
        let is_met = |refused| self.met.contains(&(hash | u64::from(refused)));
        [false, true].into_iter().find(|refused| is_met(*refused))
    }

    pub(super) fn add(&mut self, path: &Path, refused: bool) {
        self.met.insert(self.hash(path) | u64::from(refused));
    }

    /// As the ledger knows paths: by their bytes, so that `a//b` is another one than `a/b`.
    fn hash(&self, path: &Path) -> u64 {
        self.random.hash_one(path.as_os_str()) & !1
    }
}

/// Takes a hash for what it is.
#[derive(Debug, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        // The table looks at the highest and the lowest bits, and the lowest says something else.
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
