-- Units, everywhere: amounts (percent and money alike) are integers in 1e-8 of their unit, so that sums
-- are exact; instants are integers in nanoseconds since 1970 UTC, so that what was seen is kept as it was.
-- This file is never edited once released; what changes later comes in a file of its own.

PRAGMA application_id = 0x54494445; -- "TIDE"

CREATE TABLE account (
  id         INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice, so that nobody's notification opens another's card
  name       TEXT    NOT NULL UNIQUE,
  source     TEXT    NOT NULL,
  region     TEXT    NOT NULL,
  base_url   TEXT,
  credential TEXT    NOT NULL, -- JSON: where the key is, never the key
  position   INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE setting (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL -- JSON
) STRICT, WITHOUT ROWID;

-- What the store itself must know of its own content.
CREATE TABLE own (
  only        INTEGER PRIMARY KEY CHECK (only = 1),
  rolled_zone TEXT NOT NULL -- the zone in which `rollup` and `coverage_rollup` are cut
) STRICT;
INSERT INTO own VALUES (1, 'UTC');

-- Readings as they came. A text that is nearly the same every five minutes is kept as its template, with
-- the runs of digits taken out, and the digits; a body that did not change at all is kept once.
CREATE TABLE template (
  id      INTEGER PRIMARY KEY,
  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
  text    TEXT    NOT NULL,
  UNIQUE (account, text)
) STRICT;

CREATE TABLE body (
  id                INTEGER PRIMARY KEY,
  account           INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
  reading_template  INTEGER NOT NULL,
  reading_digits    TEXT    NOT NULL,
  evidence_template INTEGER NOT NULL,
  evidence_digits   TEXT    NOT NULL
) STRICT;
CREATE INDEX body_account ON body (account);

-- `body` and the templates are not declared as references: checking them on every deletion would need two
-- more indexes over millions of rows. The code that deletes keeps them whole.
CREATE TABLE reading (
  id      INTEGER PRIMARY KEY,
  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
  at      INTEGER NOT NULL,
  body    INTEGER NOT NULL,
  UNIQUE (account, at)
) STRICT;

-- How far the analysis of an account has come.
CREATE TABLE progress (
  account      INTEGER PRIMARY KEY REFERENCES account ON DELETE CASCADE,
  last_reading INTEGER, -- the newest reading on disk
  analysed     INTEGER, -- the newest reading that was concluded from
  tracker      TEXT,    -- JSON of the analysis
  alert_state  TEXT     -- JSON of the alert rules' memory
) STRICT;

CREATE TABLE poll (
  account INTEGER PRIMARY KEY REFERENCES account ON DELETE CASCADE,
  state   TEXT NOT NULL -- JSON
) STRICT;

CREATE TABLE series (
  id      INTEGER PRIMARY KEY,
  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
  name    TEXT    NOT NULL, -- `5h`, `balance:USD`
  UNIQUE (account, name)
) STRICT;

-- Every movement, sparse: a row is a look that found a new value (or the first after a gap), and `until` is
-- the last look that found the value unchanged with no gap between. From these rows and `coverage` every
-- roll-up of any zone can be made again.
CREATE TABLE movement (
  series   INTEGER NOT NULL REFERENCES series ON DELETE CASCADE,
  at       INTEGER NOT NULL,
  until    INTEGER NOT NULL,
  since    INTEGER,          -- the look before; NULL for the first
  gap      INTEGER NOT NULL, -- 1 where nobody was looking between `since` and `at`
  value    INTEGER NOT NULL,
  deducted INTEGER NOT NULL,
  returned INTEGER NOT NULL,
  resets   INTEGER NOT NULL,
  PRIMARY KEY (series, at)
) STRICT, WITHOUT ROWID;

-- When we were looking: merged intervals [start, until).
CREATE TABLE coverage (
  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
  start   INTEGER NOT NULL,
  until   INTEGER NOT NULL,
  PRIMARY KEY (account, start)
) STRICT, WITHOUT ROWID;

-- Sums by hour (span 0), day (1) and month (2) in `own.rolled_zone`. A row stands for a bucket in which the
-- series was watched; `last` and `high` are NULL where no look fell into it.
CREATE TABLE rollup (
  series    INTEGER NOT NULL REFERENCES series ON DELETE CASCADE,
  span      INTEGER NOT NULL,
  start     INTEGER NOT NULL,
  deducted  INTEGER NOT NULL,
  returned  INTEGER NOT NULL,
  uncertain INTEGER NOT NULL,
  resets    INTEGER NOT NULL,
  last_at   INTEGER, -- up to when `last` is known to have held inside the bucket
  last      INTEGER,
  high      INTEGER,
  PRIMARY KEY (series, span, start)
) STRICT, WITHOUT ROWID;

CREATE TABLE coverage_rollup (
  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
  span    INTEGER NOT NULL,
  start   INTEGER NOT NULL,
  covered INTEGER NOT NULL, -- nanoseconds
  PRIMARY KEY (account, span, start)
) STRICT, WITHOUT ROWID;

CREATE TABLE finding (
  id          INTEGER PRIMARY KEY,
  account     INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
  kind        TEXT    NOT NULL,
  class       TEXT    NOT NULL, -- '' where the kind has none
  series      TEXT    NOT NULL, -- '' where it concerns the account as a whole
  detected_at INTEGER NOT NULL,
  line        TEXT    NOT NULL, -- JSON
  seen        INTEGER NOT NULL DEFAULT 0,
  UNIQUE (account, kind, class, series, detected_at)
) STRICT;
CREATE INDEX finding_detected ON finding (detected_at);
CREATE INDEX finding_unseen ON finding (account) WHERE seen = 0;

CREATE TABLE failure (
  id      INTEGER PRIMARY KEY,
  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
  at      INTEGER NOT NULL,
  kind    TEXT    NOT NULL,
  details TEXT    NOT NULL -- JSON
) STRICT;
CREATE INDEX failure_at ON failure (account, at);

-- Stretches of failed polls of one kind. They stay when the single failures are pruned.
CREATE TABLE failure_run (
  id       INTEGER PRIMARY KEY,
  account  INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
  kind     TEXT    NOT NULL,
  first_at INTEGER NOT NULL,
  last_at  INTEGER NOT NULL,
  count    INTEGER NOT NULL,
  details  TEXT    NOT NULL, -- JSON of the last one
  over     INTEGER NOT NULL
) STRICT;
CREATE INDEX failure_run_last ON failure_run (account, last_at);
CREATE UNIQUE INDEX failure_run_open ON failure_run (account) WHERE over = 0;

-- Alerts to be delivered. `key` makes a repeat a repeat, for ever.
CREATE TABLE alert (
  id       INTEGER PRIMARY KEY,
  account  INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
  key      TEXT    NOT NULL,
  at       INTEGER NOT NULL,
  content  TEXT    NOT NULL, -- JSON
  state    TEXT    NOT NULL CHECK (state IN ('pending', 'delivering', 'delivered')),
  retry_at INTEGER,          -- of a pending one that failed before
  attempts INTEGER NOT NULL DEFAULT 0,
  UNIQUE (account, key)
) STRICT;
CREATE INDEX alert_pending ON alert (at) WHERE state = 'pending';

CREATE TABLE incident (
  page        TEXT    NOT NULL, -- which status page
  id          TEXT    NOT NULL, -- the page's id of it
  title       TEXT,
  impact      TEXT,
  opened_at   INTEGER NOT NULL,
  resolved_at INTEGER,
  PRIMARY KEY (page, id)
) STRICT, WITHOUT ROWID;
