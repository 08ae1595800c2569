-- Other machines: which ones, how their usage comes here, and what of this machine's they are given.
-- This file is never edited once released; what changes later comes in a file of its own.

-- Requests of other machines stand in the tables of local usage, each machine as one file that comes after all logs
-- of this one: so a request counts once, whichever machines' logs hold it. NULL: this machine.
ALTER TABLE usage_origin ADD COLUMN machine INTEGER;
CREATE INDEX usage_origin_machine ON usage_origin (machine);

-- When a state was last changed, in the order of `usage_place`. NULL: a program wrote it that did not know of it.
ALTER TABLE usage_state ADD COLUMN revision INTEGER;
CREATE INDEX usage_state_revision ON usage_state (revision);
-- Whether a request has states.
CREATE INDEX usage_state_fingerprint ON usage_state (fingerprint);

-- This machine. A database that was copied to another machine is known by `host`.
CREATE TABLE own_machine (
  only    INTEGER PRIMARY KEY CHECK (only = 1),
  id      TEXT    NOT NULL, -- 128 random bits, in hexadecimal
  name    TEXT    NOT NULL,
  host    TEXT    NOT NULL, -- a hash of what the system says of the machine
  made_at INTEGER NOT NULL,
  epoch   TEXT    NOT NULL, -- another one after a restore: places are given again then
  renewed TEXT              -- why it has another id than before; NULL: it has not
) STRICT;

-- The random numbers under which this machine gave records away. A copy of its database goes on with others.
CREATE TABLE own_run (
  run TEXT    PRIMARY KEY,
  at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Ways on which records come and go: another machine over SSH, or a shared folder.
CREATE TABLE exchange (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT    NOT NULL UNIQUE,
  place      TEXT    NOT NULL, -- JSON: where, and how its passphrase is found
  added_at   INTEGER NOT NULL,
  tried_at   INTEGER,          -- NULL: never
  done_at    INTEGER,          -- NULL: never
  failures   INTEGER NOT NULL, -- in a row
  problem    TEXT,             -- JSON: why the last one failed; NULL: it did not
  written    TEXT              -- JSON: what was written to a folder; NULL: nothing
) STRICT;

-- The other machines that are known. `exchange` is NULL for one whose usage stays although nothing comes any more.
CREATE TABLE machine (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  identity TEXT    NOT NULL UNIQUE, -- its id, as it says
  name     TEXT    NOT NULL UNIQUE,
  exchange INTEGER REFERENCES exchange ON DELETE SET NULL,
  file     INTEGER NOT NULL, -- what stands for its logs in `usage_file`
  cursor   TEXT,             -- up to where it was read; NULL: from the beginning
  seen_at  INTEGER,          -- when it last said something, by its clock
  skipped  INTEGER NOT NULL, -- records of it that this version does not understand
  ignored  INTEGER NOT NULL  -- 1 where nothing of it is to be taken in
) STRICT;

-- Which service and whose account the requests of a machine went to.
CREATE TABLE machine_source (
  machine  INTEGER NOT NULL REFERENCES machine ON DELETE CASCADE,
  number   INTEGER NOT NULL, -- the machine's number for it
  said     TEXT    NOT NULL, -- JSON: the service and the hashed ids of the account
  as_of    INTEGER NOT NULL, -- when it said so
  provider INTEGER NOT NULL, -- what stands for it in `usage_provider`
  PRIMARY KEY (machine, number)
) STRICT, WITHOUT ROWID;

-- From when to when all logs of a format are known. Machine 0 is this one.
CREATE TABLE log_coverage (
  machine  INTEGER NOT NULL,
  format   TEXT    NOT NULL,
  start    INTEGER NOT NULL,
  until    INTEGER NOT NULL,
  known_at INTEGER NOT NULL, -- since when all of it is known here
  PRIMARY KEY (machine, format, start)
) STRICT, WITHOUT ROWID;

-- How far the files of a shared folder were read.
CREATE TABLE exchange_file (
  exchange INTEGER NOT NULL REFERENCES exchange ON DELETE CASCADE,
  path     TEXT    NOT NULL,
  mark     TEXT    NOT NULL, -- JSON
  PRIMARY KEY (exchange, path)
) STRICT, WITHOUT ROWID;
