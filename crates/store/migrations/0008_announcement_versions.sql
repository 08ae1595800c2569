-- What an announcement said before the service changed its words, and since when the present ones are known.
-- This file is never edited once released; what changes later comes in a file of its own.

ALTER TABLE announcement ADD COLUMN worded_at INTEGER; -- NULL: since it was first read
CREATE TABLE former_announcement (
  service   TEXT    NOT NULL, -- as in announcement
  id        TEXT    NOT NULL,
  title     TEXT,
  text      TEXT,
  detail    TEXT,
  starts_at INTEGER,
  ends_at   INTEGER,
  audience  TEXT    NOT NULL,
  known_at  INTEGER NOT NULL, -- since when it said this
  PRIMARY KEY (service, id, known_at)
) STRICT, WITHOUT ROWID;
