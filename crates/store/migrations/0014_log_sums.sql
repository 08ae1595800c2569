-- What the session logs came to when they were last summed up: while they stay as they are, `usage_record` need not be read.
-- This file is never edited once released; what changes later comes in a file of its own.

CREATE TABLE usage_log_sums (
  only   INTEGER PRIMARY KEY CHECK (only = 1),
  made   INTEGER NOT NULL, -- when, in milliseconds since 1970
  state  INTEGER NOT NULL, -- a print of what was kept of the logs then
  sums   BLOB    NOT NULL, -- the reader's own form
  prints BLOB    NOT NULL -- likewise: what identifies the requests in them
) STRICT;
