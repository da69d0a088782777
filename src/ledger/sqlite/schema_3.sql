-- A report that still is what it was when its run ended need not be made again before the next run.

ALTER TABLE run ADD COLUMN report_size INTEGER;     -- the whole report, as the run left it
ALTER TABLE run ADD COLUMN report_mtime_ns INTEGER;
