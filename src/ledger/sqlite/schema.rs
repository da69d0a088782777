//! The tables, their version, and how a ledger is opened.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::files::own_files;
use crate::crash;
use crate::ledger::types::LedgerError;

/// `MAVI` in ASCII: marks a ledger among other `SQLite` files.
const APPLICATION_ID: i64 = 0x4d41_5649;

/// Memory for pages, in KiB with the minus sign that says so: the paths of a library come in some
/// order, so that few pages serve many rows.
const CACHE_KIB: i64 = -8 * 1024;

/// Pages in the log before they go to their places: a large listing writes each page of the file
/// table once then, not again and again.
const WAL_PAGES: i64 = 4096;

/// One script a version; a ledger is brought up by running those it has not seen.
const MIGRATIONS: &[&str] = &[
    include_str!("schema_1.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
    include_str!("schema_4.sql"),
    include_str!("schema_5.sql"),
];

/// Opens a ledger for writing, making it when it is not there. Returns whether it is new.
pub(super) fn open(path: &Path) -> Result<(Connection, bool), LedgerError> {
    let is_new = create(path)?;
    crash::point("ledger made");
    let failed = |error: rusqlite::Error| super::error(path, &error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    check(&connection, path)?;
    connection
        .busy_timeout(Duration::from_secs(10))
        // Each statement is planned once. Without this SQLite plans those that a partial index
        // might serve anew for each value bound, at ten times the cost of reading a row.
        .and_then(|()| connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true))
        .and_then(|_| connection.pragma_update(None, "journal_mode", "WAL"))
        .and_then(|()| connection.pragma_update(None, "synchronous", "FULL"))
        .and_then(|()| connection.pragma_update(None, "cache_size", CACHE_KIB))
        .and_then(|()| connection.pragma_update(None, "wal_autocheckpoint", WAL_PAGES))
        .and_then(|()| migrate(&mut connection))
        .map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok((connection, is_new))
}

/// Opens a ledger for reading, while another process may write to it. `None`: an earlier version
/// made it, and it has to be brought up first.
///
/// A reader makes the files that readers and writers share, and only a connection that could write
/// removes them when it is the last.
pub(super) fn open_to_read(path: &Path) -> Result<Option<Connection>, LedgerError> {
    match open_beside_a_writer(path, OpenFlags::SQLITE_OPEN_READ_WRITE) {
        // On a read-only disk what readers share with a writer cannot be made; nor is there a writer.
        Err(LedgerError::Failed { .. }) if is_at_rest(path) => open_unchanging(path),
        read => read,
    }
}

/// Opens a ledger for reading and changes no byte of it. `None`: as [`open_to_read`].
pub(super) fn open_untouched(path: &Path) -> Result<Option<Connection>, LedgerError> {
    // While no process writes, the file does not change.
    if is_at_rest(path) {
        open_unchanging(path)
    } else {
        open_beside_a_writer(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
    }
}

fn open_beside_a_writer(path: &Path, flags: OpenFlags) -> Result<Option<Connection>, LedgerError> {
    is_file(path)?;
    let failed = |error: rusqlite::Error| super::error(path, &error);
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection
        .pragma_update(None, "query_only", true)
        .map_err(failed)?;
    read(connection, path)
}

/// Whether no process writes to a ledger, nor was killed while it did; where that can be known.
fn is_at_rest(path: &Path) -> bool {
    let log = own_files(path).into_iter().nth(1);
    cfg!(unix) && log.is_some_and(|log| !log.exists())
}

fn open_unchanging(path: &Path) -> Result<Option<Connection>, LedgerError> {
    is_file(path)?;
    let url = format!("file:{}?immutable=1", percent_encoded(path));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(url, flags | OpenFlags::SQLITE_OPEN_URI)
        .map_err(|error| super::error(path, &error))?;
    read(connection, path)
}

/// SQLite would wait until a FIFO is written to.
fn is_file(path: &Path) -> Result<(), LedgerError> {
    let meta = std::fs::metadata(path).map_err(|error| LedgerError::io(path, &error))?;
    if meta.is_file() {
        return Ok(());
    }
    Err(LedgerError::NoFile {
        location: path.into(),
    })
}

fn percent_encoded(path: &Path) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    let bytes = path.as_os_str().as_encoded_bytes().iter();
    bytes.fold(String::new(), |mut url, byte| {
        if plain(*byte) {
            url.push(char::from(*byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(url, "%{byte:02X}");
        }
        url
    })
}

fn read(connection: Connection, path: &Path) -> Result<Option<Connection>, LedgerError> {
    let failed = |error: rusqlite::Error| super::error(path, &error);
    connection
        .busy_timeout(Duration::from_secs(10))
        .map_err(failed)?;
    match check(&connection, path)? {
        0 => Err(LedgerError::Missing {
            location: path.into(),
        }),
        version => Ok((version == newest()).then_some(connection)),
    }
}

/// Makes an empty file that only its owner can read (it will hold signed URLs), through no link.
fn create(path: &Path) -> Result<bool, LedgerError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let meta = std::fs::symlink_metadata(path).map_err(|e| LedgerError::io(path, &e))?;
            if meta.is_symlink() {
                return Err(LedgerError::Symlink {
                    location: path.into(),
                });
            }
            is_file(path)?;
            Ok(meta.len() == 0)
        }
        Err(error) => Err(LedgerError::making(path, &error)),
    }
}

/// Whether this is a ledger this program can read; returns its schema's version, 0 for an empty file.
fn check(connection: &Connection, path: &Path) -> Result<i64, LedgerError> {
    let number = |pragma| {
        connection
            .pragma_query_value(None, pragma, |row| row.get::<_, i64>(0))
            .map_err(|error| super::error(path, &error))
    };
    let (found, application, tables) = (
        number("user_version")?,
        number("application_id")?,
        number("schema_version")?,
    );
    let known = newest();
    if tables > 0 && application != APPLICATION_ID {
        let text = "another program's SQLite file".to_owned();
        return Err(LedgerError::Damaged {
            location: path.into(),
            text,
        });
    }
    if found > known {
        return Err(LedgerError::Newer {
            location: path.into(),
            found,
            known,
        });
    }
    Ok(found)
}

fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    // Opening writes nothing: what else is damaged in it may show only later.
    if version == newest() {
        return Ok(());
    }
    for (number, script) in (1..)
        .zip(MIGRATIONS)
        .filter(|(number, _)| *number > version)
    {
        transaction.execute_batch(script)?;
        transaction.pragma_update(None, "user_version", number)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.commit()
}
