-- What requests grew by after the analysis of their account was given them: a program writes the same request again while
-- it goes on, or keeps sums of sessions. The analysis is given what each grew by, in the order of `usage_place`.
-- This file is never edited once released; what changes later comes in a file of its own.

CREATE TABLE usage_growth (
  place          INTEGER PRIMARY KEY,
  at             INTEGER NOT NULL,
  begun          INTEGER NOT NULL, -- up to when it was known before
  known          INTEGER NOT NULL,
  model          INTEGER NOT NULL,
  origin         INTEGER NOT NULL,
  provider       INTEGER NOT NULL,
  input          INTEGER NOT NULL,
  cache_read     INTEGER NOT NULL,
  cache_write    INTEGER NOT NULL,
  cache_write_1h INTEGER NOT NULL,
  output         INTEGER NOT NULL
) STRICT;
CREATE INDEX usage_growth_at ON usage_growth (at);
