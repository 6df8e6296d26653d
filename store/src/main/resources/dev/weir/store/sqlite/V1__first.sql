-- SPDX-License-Identifier: Apache-2.0
-- Expand-contract from here on: a later script adds; what the version before still reads stays.

-- The one row of counters. It is read and written inside each writing transaction, so revisions and
-- audit sequence numbers have no gaps.
CREATE TABLE ledger (
  id             INTEGER PRIMARY KEY CHECK (id = 1),
  revision       INTEGER NOT NULL,
  audit_sequence INTEGER NOT NULL,
  audit_head     TEXT    NOT NULL,
  events_floor   INTEGER NOT NULL
);
INSERT INTO ledger (id, revision, audit_sequence, audit_head, events_floor)
VALUES (1, 0, 0, '0000000000000000000000000000000000000000000000000000000000000000', 0);

-- Each resource as it is now. The body is last: lists by key never touch the bodies of other kinds.
CREATE TABLE resource (
  kind      TEXT    NOT NULL,
  namespace TEXT    NOT NULL,
  name      TEXT    NOT NULL,
  revision  INTEGER NOT NULL,
  body      TEXT    NOT NULL,
  PRIMARY KEY (kind, namespace, name)
);

-- Each spec there ever was, and each deletion. Never compacted.
CREATE TABLE spec_history (
  kind      TEXT    NOT NULL,
  namespace TEXT    NOT NULL,
  name      TEXT    NOT NULL,
  revision  INTEGER NOT NULL,
  at        TEXT    NOT NULL,
  deleted   INTEGER NOT NULL CHECK (deleted IN (0, 1)),
  body      TEXT    NOT NULL,
  PRIMARY KEY (kind, namespace, name, revision)
);

-- What watchers read. Bounded: revisions up to ledger.events_floor are compacted away.
CREATE TABLE event (
  revision INTEGER PRIMARY KEY,
  kind     TEXT    NOT NULL,
  deleted  INTEGER NOT NULL CHECK (deleted IN (0, 1)),
  body     TEXT    NOT NULL
);
CREATE INDEX event_by_kind ON event (kind, revision);

CREATE TABLE audit (
  sequence       INTEGER PRIMARY KEY,
  at             TEXT    NOT NULL,
  principal      TEXT    NOT NULL,
  source_address TEXT    NOT NULL,
  request_id     TEXT    NOT NULL,
  action         TEXT    NOT NULL,
  subject        TEXT    NOT NULL,
  revision       INTEGER NOT NULL,
  outcome        TEXT    NOT NULL,
  before         TEXT,
  after          TEXT,
  reason         TEXT    NOT NULL,
  previous_hash  TEXT    NOT NULL,
  hash           TEXT    NOT NULL
);
-- Against mistakes, not against whoever owns the file: for those there is the hash chain.
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only');
END;

CREATE TABLE observation (
  collection TEXT NOT NULL,
  key        TEXT NOT NULL,
  value      TEXT NOT NULL,
  PRIMARY KEY (collection, key)
);

-- Kept by the triggers below, so that the limit of a collection costs one look-up, not a count.
CREATE TABLE observation_count (
  collection TEXT    PRIMARY KEY,
  entries    INTEGER NOT NULL
);
CREATE TRIGGER observation_is_counted AFTER INSERT ON observation
BEGIN
  INSERT INTO observation_count (collection, entries) VALUES (NEW.collection, 1)
  ON CONFLICT (collection) DO UPDATE SET entries = entries + 1;
END;
CREATE TRIGGER observation_is_uncounted AFTER DELETE ON observation
BEGIN
  UPDATE observation_count SET entries = entries - 1 WHERE collection = OLD.collection;
END;

CREATE TABLE analysis_state (
  rollout TEXT PRIMARY KEY,
  cohort  TEXT NOT NULL,
  body    TEXT NOT NULL
);

-- The last statement of each script says which version the file now has.
PRAGMA user_version = 1;
