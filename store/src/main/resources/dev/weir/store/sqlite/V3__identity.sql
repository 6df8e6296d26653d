-- SPDX-License-Identifier: Apache-2.0
-- Which store this is, for as long as it lives: gateways and the files beside the store know it by
-- this. A backup keeps it.
CREATE TABLE identity (
  id    INTEGER PRIMARY KEY CHECK (id = 1),
  store TEXT NOT NULL CHECK (length(store) = 32)
);
-- A store from before this table is known by its first audit entry, which holds random keys' hashes.
-- So each backup of it gets the same identity, whenever it is restored and migrated.
INSERT INTO identity (id, store)
VALUES (1, coalesce((SELECT substr(hash, 1, 32) FROM audit WHERE sequence = 1), '${identity}'));

PRAGMA user_version = 3;
