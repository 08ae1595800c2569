-- Local use: what session logs on this machine tell. Instants here are integers in milliseconds since 1970
-- UTC, which is what logs write; nanoseconds would not hold the years that a clock set wrong can write.

CREATE TABLE usage_model (
  id    INTEGER PRIMARY KEY,
  name  TEXT    NOT NULL,
  third INTEGER NOT NULL, -- 1 where it is another provider's, run through the same program
  UNIQUE (name, third)
) STRICT;

CREATE TABLE usage_origin (
  id      INTEGER PRIMARY KEY,
  format  TEXT NOT NULL,
  session TEXT NOT NULL,
  project TEXT -- NULL where nothing tells the folder
) STRICT;
CREATE INDEX usage_origin_session ON usage_origin (session);

-- A provider of a program's configuration, for as long as it pointed at one account. Where that changes, a
-- new row begins, so that what was used before stays with whom it was ascribed to.
CREATE TABLE usage_provider (
  id       INTEGER PRIMARY KEY,
  home     TEXT    NOT NULL, -- the program's folder
  name     TEXT    NOT NULL,
  base_url TEXT,
  modified INTEGER NOT NULL, -- when the configuration was last written, as last seen
  account  INTEGER REFERENCES account ON DELETE SET NULL
) STRICT;
CREATE INDEX usage_provider_account ON usage_provider (account);

-- The log files, and how far each was read. Those that are gone stay: their requests do.
CREATE TABLE usage_file (
  id      INTEGER PRIMARY KEY,
  path    TEXT    NOT NULL,
  mark    TEXT    NOT NULL, -- JSON: how far it was read and how to know it again
  origin  INTEGER NOT NULL, -- what its requests are from, where its lines do not say otherwise
  skipped INTEGER NOT NULL, -- lines that could not be read
  gone    INTEGER NOT NULL
) STRICT;

-- Every request once. `provider` 0 is none; `copies` and the file's path say which of several records is the
-- one that counts. Requests are clustered by time: a log's are next to each other.
CREATE TABLE usage_request (
  at          INTEGER NOT NULL,
  fingerprint INTEGER NOT NULL,
  begun       INTEGER, -- when the program asked, where the log tells
  known       INTEGER NOT NULL, -- when it became known here
  place       INTEGER NOT NULL, -- its place in the order in which requests became known, from 1
  file        INTEGER NOT NULL,
  copies      INTEGER NOT NULL,
  model       INTEGER NOT NULL,
  origin      INTEGER NOT NULL,
  provider    INTEGER NOT NULL,
  input       INTEGER NOT NULL,
  cache_read  INTEGER NOT NULL,
  cache_write INTEGER NOT NULL,
  output      INTEGER NOT NULL,
  PRIMARY KEY (at, fingerprint)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX usage_request_place ON usage_request (place, known);

-- The last place that was given; never given twice, whatever is pruned.
CREATE TABLE usage_place (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  last INTEGER NOT NULL
) STRICT;
INSERT INTO usage_place VALUES (1, 0);

-- Further records of a request that counts for another file.
CREATE TABLE usage_copy (
  at          INTEGER NOT NULL,
  fingerprint INTEGER NOT NULL,
  file        INTEGER NOT NULL,
  copies      INTEGER NOT NULL,
  model       INTEGER NOT NULL,
  origin      INTEGER NOT NULL,
  provider    INTEGER NOT NULL,
  PRIMARY KEY (at, fingerprint, file)
) STRICT, WITHOUT ROWID;

-- Requests that are known by a name, and of which a later record can say more. What counts of them stands in
-- `usage_request` too.
CREATE TABLE usage_state (
  message     INTEGER NOT NULL,
  fingerprint INTEGER NOT NULL,
  named       INTEGER NOT NULL, -- 0 where the record named no request, so that it belongs to its message's
  merged      INTEGER NOT NULL, -- 1 where several states are put together
  at          INTEGER NOT NULL,
  file        INTEGER NOT NULL,
  model       INTEGER NOT NULL,
  origin      INTEGER NOT NULL,
  provider    INTEGER NOT NULL,
  input       INTEGER NOT NULL,
  cache_read  INTEGER NOT NULL,
  cache_write INTEGER NOT NULL,
  output      INTEGER NOT NULL,
  PRIMARY KEY (message, fingerprint)
) STRICT, WITHOUT ROWID;

-- Sums by quarters of an hour, of which every zone's hours, days and months are made; cut where a public price
-- changed. They stay when single requests are pruned.
CREATE TABLE usage_sum (
  start       INTEGER NOT NULL,
  model       INTEGER NOT NULL,
  origin      INTEGER NOT NULL,
  provider    INTEGER NOT NULL,
  requests    INTEGER NOT NULL,
  input       INTEGER NOT NULL,
  cache_read  INTEGER NOT NULL,
  cache_write INTEGER NOT NULL,
  output      INTEGER NOT NULL,
  PRIMARY KEY (start, model, origin, provider)
) STRICT, WITHOUT ROWID;

-- Hours whose requests were pruned: their fingerprints, eight bytes each, so that a copy which turns up later
-- is still known for one.
CREATE TABLE usage_closed (
  hour         INTEGER PRIMARY KEY,
  fingerprints BLOB NOT NULL
) STRICT;
