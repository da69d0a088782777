//! A library that the benches know: files that need not be there, and facts as a run without faults
//! writes them down.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use mavi_upload::Settings;
use mavi_upload::internals::admissions;
use mavi_upload::ledger::{Durability, Identity, Ledger, Listing, Op, RunId, RunRecord};
use mavi_upload::model::{Asset, AssetId, Fact, FileId, FileStamp, FileVersion, Sha256, SignedUrl};
use mavi_upload::source::{Candidate, Cells};

/// A library, of which only the names need be there.
pub(crate) struct Library {
    pub(crate) folder: PathBuf,
    exist: bool,
}

impl Library {
    pub(crate) fn new(folder: &Path, exist: bool) -> Self {
        let folder = folder.join("library");
        fs::create_dir(&folder).unwrap();
        Self { folder, exist }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.with_file_name(name)
    }

    pub(crate) fn manifest(files: u64) -> Vec<u8> {
        let mut out = b"path,title\n".to_vec();
        (0..files).for_each(|no| writeln!(out, "{},Title of {no}", name(no)).unwrap());
        out
    }

    /// A ledger of this library, for the service at `base_url`, with a run that has begun.
    pub(crate) fn ledger(&self, base_url: &str, api_key: &str) -> (Ledger, RunRecord) {
        let report = self.path("report.csv");
        let settings = Settings::new(api_key, base_url, &report).unwrap();
        let mut ledger = Ledger::open(&settings.ledger).unwrap();
        let identity = Identity {
            base_url: settings.address.as_str().to_owned(),
            account: settings.api_key.fingerprint(),
        };
        ledger.identify(&identity, false).unwrap();
        let run = ledger.begin_run(&report, columns()).unwrap();
        (ledger, run)
    }

    /// Takes files in and sees them confirmed, in large groups.
    pub(crate) fn confirm_all(&self, ledger: &mut Ledger, run: RunId, files: u64) {
        for group in (0..files).collect::<Vec<_>>().chunks(10_000) {
            let versions = self.admit(ledger, run, group);
            let facts = group.iter().zip(versions).flat_map(|(no, version)| {
                let file = file_id(*no);
                facts(*no, version).map(|fact| Op::Apply { file, fact })
            });
            let facts: Vec<_> = facts.collect();
            ledger.commit(Durability::Synced, &facts).unwrap();
        }
        let ended = [Op::EndListing(run)];
        ledger.commit(Durability::Synced, &ended).unwrap();
    }

    /// Takes files in, as one batch; returns what they are like.
    pub(crate) fn admit(&self, ledger: &mut Ledger, run: RunId, files: &[u64]) -> Vec<FileVersion> {
        let listings: Vec<_> = files.iter().map(|no| self.listing(*no)).collect();
        let versions = listings.iter().map(|row| row.version.clone().unwrap());
        let versions = versions.collect();
        let rows = admissions(ledger, run, listings).unwrap();
        let admitted = [Op::Admit { run, rows }];
        ledger.commit(Durability::Synced, &admitted).unwrap();
        versions
    }

    pub(crate) fn listing(&self, no: u64) -> Listing {
        let (name, title) = (name(no), format!("Title of {no}"));
        let candidate = Candidate {
            path: self.folder.join(&name),
            name: None,
            expected_sha256: None,
            cells: Cells::encode([name.as_bytes(), title.as_bytes()]),
            failure: None,
        };
        let version = if self.exist {
            make(&candidate.path)
        } else {
            version(no)
        };
        Listing {
            no,
            candidate,
            version: Ok(version),
        }
    }
}

fn make(path: &Path) -> FileVersion {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut file = File::create(path).unwrap();
    file.write_all(b"video").unwrap();
    FileVersion::from(&FileStamp::of(&file.metadata().unwrap()))
}

fn columns() -> Cells {
    Cells::encode([b"path".as_slice(), b"title"])
}

pub(crate) fn name(no: u64) -> String {
    format!("season {:03}/clip {no:07}.mp4", no / 1000)
}

pub(crate) fn version(no: u64) -> FileVersion {
    FileVersion {
        size: 1_000_000 + no,
        mtime_ns: 1_766_989_317_192_000_000,
    }
}

/// Files are numbered in the order in which a new ledger gets to know them.
pub(crate) fn file_id(no: u64) -> FileId {
    FileId(i64::try_from(no).unwrap() + 1)
}

/// A file's way when nothing goes wrong.
pub(crate) fn facts(no: u64, version: FileVersion) -> [Fact; 3] {
    let asset_id = AssetId::parse(&format!("re_{}", 660_736_410_386_149_376 + no)).unwrap();
    let url = format!("https://storage.example/{asset_id}?expires=1766989317&signature={no:064x}");
    let asset = Asset {
        asset_id: asset_id.clone(),
        url: SignedUrl::parse(&url),
        url_expires_at: Timestamp::MAX,
        version,
        sha256: None,
        sent_at: None,
        shared: false,
    };
    let mut digest = [0; 32];
    digest[..8].copy_from_slice(&no.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    let at = Timestamp::now();
    let sent = Fact::Sent {
        asset_id: asset_id.clone(),
        sha256: Sha256(digest),
        posts: 1,
        at,
    };
    let confirmed = Fact::Confirmed {
        asset_id,
        size_checked: true,
        at,
    };
    [Fact::Allotted(asset), sent, confirmed]
}
