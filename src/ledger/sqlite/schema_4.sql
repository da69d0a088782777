-- How a run went, slot by slot of its own time, which begins with the run and which no clock can jump in. All
-- slots of a run are equally long; before there are more than 512 of them, two become one.

ALTER TABLE run ADD COLUMN slot_ms INTEGER;  -- the length of its slots
ALTER TABLE run ADD COLUMN took_ms INTEGER;  -- how long it had gone on when that was last written down

CREATE TABLE slot (
  run              INTEGER NOT NULL,
  no               INTEGER NOT NULL,         -- from 0
  bytes            INTEGER NOT NULL,         -- of files, that left; those of uploads that broke, too
  waiting_ms       INTEGER NOT NULL,         -- the sum over files: being signed, waiting for a turn or a pause
  sending_ms       INTEGER NOT NULL,         -- from the first byte until storage answered
  confirming_ms    INTEGER NOT NULL,
  away_ms          INTEGER NOT NULL,         -- a side of the service did not answer
  sent             INTEGER NOT NULL,
  confirmed        INTEGER NOT NULL,
  failed           INTEGER NOT NULL,
  looks            INTEGER NOT NULL,
  retries          INTEGER NOT NULL,
  sign_throttles   INTEGER NOT NULL,
  send_throttles   INTEGER NOT NULL,
  status_throttles INTEGER NOT NULL,
  PRIMARY KEY (run, no)
) WITHOUT ROWID;

-- The files of a run that took longest, at most 200, in its own time.
CREATE TABLE slow (
  run        INTEGER NOT NULL,
  path       NOT NULL,
  size       INTEGER NOT NULL,
  begun_ms   INTEGER NOT NULL,               -- its turn came
  sending_ms INTEGER NOT NULL,               -- the first byte of its last upload left
  sent_ms    INTEGER NOT NULL,               -- storage took the last one
  ended_ms   INTEGER NOT NULL,
  outcome    TEXT NOT NULL CHECK (outcome IN ('confirmed', 'failed', 'pending')),
  PRIMARY KEY (run, path)
) WITHOUT ROWID;
