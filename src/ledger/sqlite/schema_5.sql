-- One word a thing: a slot is a bucket, a look is a poll, a service that is away is down, and a slow
-- file has the status of its row in the report.

ALTER TABLE run RENAME COLUMN slot_ms TO bucket_ms;
ALTER TABLE slot RENAME TO bucket;
ALTER TABLE bucket RENAME COLUMN looks TO polls;
ALTER TABLE bucket RENAME COLUMN away_ms TO down_ms;

-- The files of a run that took longest, at most 200, in its own time.
CREATE TABLE slow_file (
  run        INTEGER NOT NULL,
  path       NOT NULL,
  size       INTEGER NOT NULL,
  begun_ms   INTEGER NOT NULL,               -- work on it began
  sending_ms INTEGER NOT NULL,               -- the first byte of its last upload left
  sent_ms    INTEGER NOT NULL,               -- storage took the last one
  ended_ms   INTEGER NOT NULL,
  status     TEXT NOT NULL CHECK (status IN ('success', 'failed', 'pending')),
  PRIMARY KEY (run, path)
) WITHOUT ROWID;
INSERT INTO slow_file SELECT run, path, size, begun_ms, sending_ms, sent_ms, ended_ms,
  iif(outcome = 'confirmed', 'success', outcome) FROM slow;
DROP TABLE slow;
