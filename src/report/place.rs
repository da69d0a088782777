//! Where the report stands: whether it may be written there, and how a new one replaces an old one.
//! Knows no row.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use super::{COLUMNS, ReportError};
use crate::crash;
use crate::ledger::{Ledger, LedgerError, Reader};
use crate::model::{FileStamp, FileVersion};
use crate::source::Cells;

/// A header longer than this is not ours.
const LONGEST_HEADER: u64 = 1 << 20;

/// Ends the name of a report that is being written: `.<report>.<six characters>.tmp`, which the
/// walk knows for the program's own.
const UNFINISHED: &str = ".tmp";
const RANDOM_PART: usize = 6;

/// Checks, before anything is sent, that the report may be written to `path`: its folder can be
/// written to, and no file stands there that is not ours. A ledger knows the reports that its runs
/// wrote, whatever their content is now.
///
/// # Errors
/// [`ReportError::NotOurs`] unless `overwrite`; the system's error when the folder is not there or
/// read-only. What is no file is never overwritten: a report in the place of `/dev/null` would break
/// the machine.
pub fn claim(path: &Path, ledger: Option<&Reader>, overwrite: bool) -> Result<(), ReportError> {
    claim_as(path, ledger, overwrite, is_ours)
}

/// Checks that the report replaces none of the ledger's files, also with `--overwrite`.
pub(crate) fn apart(path: &Path, ledger: &Path) -> Result<(), ReportError> {
    if Ledger::own_files(ledger)
        .iter()
        .any(|file| is_same(path, file))
    {
        return Err(ReportError::OfLedger(path.to_owned()));
    }
    Ok(())
}

/// Whether two paths name one place in one folder, whatever stands there.
#[must_use]
pub fn is_same(one: &Path, other: &Path) -> bool {
    let place = |path: &Path| {
        Some((
            fs::canonicalize(folder(path)).ok()?,
            path.file_name()?.to_owned(),
        ))
    };
    place(one).is_some_and(|one| Some(one) == place(other))
}

/// As [`claim`], for a report that is recognised as ours by other signs.
pub(super) fn claim_as(
    path: &Path,
    ledger: Option<&Reader>,
    overwrite: bool,
    is_ours: impl FnOnce(&Path) -> io::Result<bool>,
) -> Result<(), ReportError> {
    let failed = |error: io::Error| ReportError::io(path, &error);
    unfinished(path).map_err(failed)?;
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed(error)),
        Ok(meta) if meta.is_dir() => Err(failed(io::Error::new(
            io::ErrorKind::IsADirectory,
            "is a directory: name a file",
        ))),
        Ok(meta) if !meta.is_file() => Err(failed(io::Error::new(
            io::ErrorKind::InvalidInput,
            "is a FIFO, socket or device: name a file",
        ))),
        Ok(_) if overwrite => Ok(()),
        Ok(_) if ledger.map_or(Ok(false), |ledger| ledger.names_report(path))? => Ok(()),
        Ok(_) if is_ours(path).map_err(failed)? => Ok(()),
        Ok(_) => Err(ReportError::NotOurs(path.to_owned())),
    }
}

/// Whether a file looks like a report of ours: its header ends in our nine columns. What is no file
/// is not opened: a FIFO would wait for a writer.
///
/// # Errors
/// When it cannot be read.
pub fn is_ours(path: &Path) -> io::Result<bool> {
    if !fs::metadata(path)?.is_file() {
        return Ok(false);
    }
    let mut line = Vec::new();
    BufReader::new(File::open(path)?.take(LONGEST_HEADER)).read_until(b'\n', &mut line)?;
    let fields = Cells::from_encoded(line).fields();
    let names: Vec<&[u8]> = fields.iter().map(Vec::as_slice).collect();
    Ok(names.ends_with(&COLUMNS.map(str::as_bytes)))
}

/// Size and time of the file at `path`, where one stands there.
pub(crate) fn version(path: &Path) -> Option<FileVersion> {
    let meta = fs::metadata(path).ok()?;
    Some(FileVersion::from(&FileStamp::of(&meta)))
}

/// Writes a file beside `path` and puts it in its place once it is whole and on disk.
pub(super) fn replace<T, E: From<io::Error> + From<LedgerError>>(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<T, E>,
) -> Result<T, E> {
    sweep(path);
    let temporary = unfinished(path)?;
    // Shows `sweep` that it is being written. Where nothing can be locked nothing is swept.
    let _ = temporary.as_file().try_lock();
    let mut out = BufWriter::new(temporary.as_file());
    crash::point("report begun");
    let value = write(&mut out)?;
    // A full disk shows only here.
    out.flush()?;
    drop(out);
    temporary.as_file().sync_all()?;
    crash::point("report whole");
    temporary.persist(path).map_err(|error| error.error)?;
    crash::point("report in place");
    sync_folder(folder(path))?;
    Ok(value)
}

/// A file beside `path`, hidden, that is gone when it is dropped.
fn unfinished(path: &Path) -> io::Result<NamedTempFile> {
    let prefix = unfinished_prefix(path);
    let mut builder = tempfile::Builder::new();
    builder
        .prefix(&prefix)
        .suffix(UNFINISHED)
        .rand_bytes(RANDOM_PART);
    // Who may read the folder may read the report, as far as the umask lets them.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder(path))
}

fn unfinished_prefix(path: &Path) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(path.file_name().unwrap_or_default());
    prefix.push(".");
    prefix
}

/// Removes what killed runs left unfinished beside the report. What cannot be removed stays: it does
/// no harm.
fn sweep(path: &Path) {
    let prefix = unfinished_prefix(path);
    let is_left = |name: &OsStr| {
        let rest = name
            .as_encoded_bytes()
            .strip_prefix(prefix.as_encoded_bytes());
        let random = rest.and_then(|rest| rest.strip_suffix(UNFINISHED.as_bytes()));
        random.is_some_and(|r| r.len() == RANDOM_PART && r.iter().all(u8::is_ascii_alphanumeric))
    };
    let entries = fs::read_dir(folder(path)).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| is_left(&entry.file_name())) {
        // The system frees a lock with its holder, so a file that can be locked is in no use.
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        let is_abandoned = || File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok());
        if is_file && is_abandoned() {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The folder of a file: the current one where its path names none.
pub(crate) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes a rename survive a power loss.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
