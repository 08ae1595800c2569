-- What people's own programs say of their requests: OTLP metrics, and the spend logs of LiteLLM. What of it counts stands
-- in `usage_request` too, with a file of its own in `usage_file` for each source.
-- This file is never edited once released; what changes later comes in a file of its own.

-- Running totals, as far as they were counted.
CREATE TABLE intake_series (
  series INTEGER NOT NULL,
  start  INTEGER NOT NULL, -- in nanoseconds since 1970; 0 where the program does not say
  time   INTEGER NOT NULL, -- of the last count, likewise
  value  INTEGER NOT NULL,
  seen   INTEGER NOT NULL, -- when it was last sent, in milliseconds since 1970
  PRIMARY KEY (series, start)
) STRICT, WITHOUT ROWID;

-- What was sent of each request, or span of requests, for some months: its counts, and how a log of the same requests is
-- known. NULL is a kind of token that was not sent.
CREATE TABLE intake_request (
  fingerprint INTEGER PRIMARY KEY,
  at          INTEGER NOT NULL,
  begun       INTEGER,
  name        TEXT    NOT NULL, -- the model's
  model       INTEGER NOT NULL, -- that under which it counts
  origin      INTEGER NOT NULL,
  provider    INTEGER NOT NULL,
  whole       INTEGER NOT NULL, -- 1 where the input counts what came from the cache too
  input       INTEGER,
  cache_read  INTEGER,
  cache_write INTEGER,
  output      INTEGER,
  rule        TEXT    NOT NULL, -- nothing, session, format, figures
  format      TEXT    NOT NULL, -- of the rule `format`
  log_at      INTEGER, -- the request of a log that is the same: then that one counts
  log_request INTEGER
) STRICT;
CREATE INDEX intake_request_at ON intake_request (at);
CREATE INDEX intake_request_origin ON intake_request (origin);
CREATE INDEX intake_request_log ON intake_request (log_at, log_request);
