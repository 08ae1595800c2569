-- What a scan of the session logs finds in each of them, so that one need not read them again. In contrast to
-- `usage_request` it says what is in the logs now, and goes with them.
-- This file is never edited once released; what changes later comes in a file of its own.

CREATE TABLE usage_recorded (
  file          INTEGER PRIMARY KEY, -- in `usage_file`
  context       INTEGER NOT NULL, -- a print of what says what its records mean
  mark          INTEGER NOT NULL, -- a print of the file's mark up to which it was read; another one: of no use any more
  dated_by_file INTEGER NOT NULL, -- 1 where records have the time at which the file was last written
  skipped       INTEGER NOT NULL -- lines that could not be read
) STRICT;

-- In pieces, in the order of their ids.
CREATE TABLE usage_record (
  id      INTEGER PRIMARY KEY,
  file    INTEGER NOT NULL,
  records BLOB    NOT NULL -- the reader's own form
) STRICT;
CREATE INDEX usage_record_file ON usage_record (file);
