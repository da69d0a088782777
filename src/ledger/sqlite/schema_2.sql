-- Files with equal bytes may share an asset: `file.asset` of each points to it, while `asset.file`
-- stays the one it was allotted to, and `asset.mtime_ns` is of that one.

ALTER TABLE file ADD COLUMN shared_mtime_ns INTEGER; -- set: its asset was allotted to another file
                                                     -- of the same bytes; its own time at that moment
CREATE INDEX file_asset ON file(asset) WHERE asset IS NOT NULL;
CREATE INDEX asset_begun ON asset(size) WHERE state = 'allotted';
CREATE INDEX asset_size ON asset(size) WHERE state IN ('sent', 'confirmed');

-- How many assets a file has used up in the run that last worked on it: there is a most.
ALTER TABLE file ADD COLUMN assets INTEGER NOT NULL DEFAULT 0;
