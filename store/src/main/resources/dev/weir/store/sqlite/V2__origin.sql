-- SPDX-License-Identifier: Apache-2.0
-- Who made this file and who wrote it last. An older Weir that refuses a newer file reads it to say
-- which Weir to start, so this table keeps its name and columns for ever.
CREATE TABLE origin (
  id         INTEGER PRIMARY KEY CHECK (id = 1),
  made_at    TEXT NOT NULL, -- empty: not known yet
  made_by    TEXT NOT NULL, -- version of Weir; empty: one from before this table
  written_by TEXT NOT NULL, -- version of Weir; empty: one from before this table
  copied_at  TEXT NOT NULL  -- of a backup: when it was made; empty in a store that is in use
);
INSERT INTO origin (id, made_at, made_by, written_by, copied_at)
VALUES (1, coalesce((SELECT at FROM audit WHERE sequence = 1), ''), '', '', '');

-- CRC-32C of the body. SQLite finds pages that make no sense, but not a letter that became another.
-- NULL: written before there were checksums.
ALTER TABLE resource ADD COLUMN checksum INTEGER;
ALTER TABLE spec_history ADD COLUMN checksum INTEGER;
ALTER TABLE event ADD COLUMN checksum INTEGER;

-- "Weir": tells the file from those of other programs.
PRAGMA application_id = 1466263922;
PRAGMA user_version = 2;
