-- What the service announced to all its users, in its own words.
-- This file is never edited once released; what changes later comes in a file of its own.

CREATE TABLE announcement (
  service   TEXT    NOT NULL, -- which one: its region
  id        TEXT    NOT NULL, -- the service's id of it
  title     TEXT,
  text      TEXT,
  detail    TEXT,
  starts_at INTEGER,          -- NULL: not said
  ends_at   INTEGER,          -- NULL: not said
  audience  TEXT    NOT NULL, -- JSON of whom it concerns
  known_at  INTEGER NOT NULL, -- when it was first read
  PRIMARY KEY (service, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX announcement_known ON announcement (known_at);
