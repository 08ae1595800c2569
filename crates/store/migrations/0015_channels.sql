-- Channels: where alerts go away from the desk, and what of it was delivered.
-- This file is never edited once released; what changes later comes in a file of its own.

CREATE TABLE channel (
  id            INTEGER PRIMARY KEY,
  name          TEXT    NOT NULL UNIQUE,
  content       TEXT    NOT NULL, -- JSON: its kind, where it goes, which messages it gets; nothing secret
  address       TEXT,             -- where its secret address is kept, as the credential of an account
  secret        TEXT,             -- where its token or password is kept
  created_at    INTEGER NOT NULL,
  last_at       INTEGER,          -- the last attempt
  last_code     TEXT,             -- NULL: it was delivered
  last_said     TEXT,
  failing_since INTEGER           -- a message was given up then, and none was delivered since
) STRICT;

-- A row for each message of each channel. It is made with the alert, in one transaction, so that none is lost; its key is
-- unique in the channel, so that none is made twice.
CREATE TABLE delivery (
  id       INTEGER PRIMARY KEY,
  channel  INTEGER NOT NULL REFERENCES channel ON DELETE CASCADE,
  key      TEXT    NOT NULL,
  at       INTEGER NOT NULL,
  alert    INTEGER REFERENCES alert ON DELETE CASCADE,
  content  TEXT,                  -- JSON, of what is no alert
  state    TEXT    NOT NULL CHECK (state IN ('pending', 'delivered', 'dropped')),
  retry_at INTEGER,
  attempts INTEGER NOT NULL DEFAULT 0,
  UNIQUE (channel, key)
) STRICT;
CREATE INDEX delivery_pending ON delivery (at) WHERE state = 'pending';
CREATE INDEX delivery_alert ON delivery (alert);
