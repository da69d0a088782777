-- The ledger's tables. Times are RFC 3339 in UTC; paths are TEXT, or BLOB where not UTF-8.

-- Whose ledger this is: 'base_url', 'account' (8 hex digits of the key's SHA-256).
CREATE TABLE identity (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

-- One line a command that uploaded.
CREATE TABLE run (
  id         INTEGER PRIMARY KEY,
  started_at TEXT NOT NULL,
  ended_at   TEXT,
  report     NOT NULL,                     -- the report's absolute path
  columns    NOT NULL,                     -- the input's own header, as a CSV record
  listed     INTEGER NOT NULL DEFAULT 0    -- 1 once the input was read to its end
);

-- Every file that was ever named, by its absolute path.
CREATE TABLE file (
  id         INTEGER PRIMARY KEY,
  path       NOT NULL,
  size       INTEGER,                      -- as last seen
  mtime_ns   INTEGER,
  asset      INTEGER REFERENCES asset(id), -- the latest one
  attempts   INTEGER NOT NULL DEFAULT 0,   -- POSTs begun in the run that last worked on it
  error_code TEXT,                         -- set: the file failed in its last run
  error      TEXT,
  passing    INTEGER NOT NULL DEFAULT 0,   -- 1: for a reason that may pass
  run        INTEGER NOT NULL,             -- the last run that changed this line
  row        INTEGER NOT NULL              -- the first row that named it in the last run that did
);
CREATE UNIQUE INDEX file_path ON file(path);

-- Every asset id that was ever allotted.
CREATE TABLE asset (
  id             INTEGER PRIMARY KEY,
  asset_id       TEXT NOT NULL UNIQUE,
  file           INTEGER NOT NULL REFERENCES file(id),
  state          TEXT NOT NULL CHECK (state IN ('allotted', 'sent', 'confirmed', 'abandoned', 'deleted')),
  reason         TEXT,                     -- of an abandoned one; else what to know about it
  size           INTEGER NOT NULL,         -- the file whose bytes go or went to it
  mtime_ns       INTEGER NOT NULL,
  sha256         TEXT,                     -- of the bytes sent
  signed_url     TEXT,                     -- while it is of use; carries the right to store
  url_expires_at TEXT,
  allotted_at    TEXT NOT NULL,
  sent_at        TEXT,
  confirmed_at   TEXT
);
CREATE INDEX asset_sha256 ON asset(sha256) WHERE sha256 IS NOT NULL;

-- The input rows of the latest run, in input order.
CREATE TABLE row (
  run          INTEGER NOT NULL,
  no           INTEGER NOT NULL,
  file         INTEGER REFERENCES file(id),
  cells        NOT NULL,                   -- the row's own columns, as a CSV record
  name         TEXT,                       -- the name to send, where the manifest gives one
  sha256       TEXT,                       -- the digest the manifest expects
  todo         INTEGER NOT NULL,           -- 1: the file needs work
  duplicate_of INTEGER,                    -- the row that named the same file first
  error_code   TEXT,                       -- set: refused before any call
  error        TEXT,
  PRIMARY KEY (run, no)
) WITHOUT ROWID;
CREATE INDEX row_todo ON row(run, no) WHERE todo = 1;
CREATE INDEX row_duplicate ON row(run, duplicate_of) WHERE duplicate_of IS NOT NULL;
