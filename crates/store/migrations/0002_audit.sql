-- The audit: how far each deduction is explained, what the user says of a finding, and when things became
-- known, which is the order in which conclusions were drawn from them.
-- This file is never edited once released; what changes later comes in a file of its own.

-- How a deduction was weighed at the look that found it; it stands beside the movement of the same time.
CREATE TABLE verdict (
  series   INTEGER NOT NULL REFERENCES series ON DELETE CASCADE,
  at       INTEGER NOT NULL,
  word     INTEGER NOT NULL, -- 0 fully, 1 partly, 2 not, 3 cannot tell
  deducted INTEGER NOT NULL,
  low      INTEGER,          -- what use explains of it, at least and at most; NULL where that cannot be told
  high     INTEGER,
  PRIMARY KEY (series, at)
) STRICT, WITHOUT ROWID;

-- What the user says of a finding. One without a row is open.
CREATE TABLE mark (
  finding INTEGER PRIMARY KEY REFERENCES finding ON DELETE CASCADE,
  state   TEXT    NOT NULL CHECK (state IN ('mine', 'reported', 'settled')),
  at      INTEGER NOT NULL
) STRICT;

-- When we were told of an incident and of its end; NULL where that is not known (as of its own time, then).
ALTER TABLE incident ADD COLUMN known_at INTEGER;
ALTER TABLE incident ADD COLUMN end_known_at INTEGER;

-- Up to which of the requests of local logs the analysis has been told, in the order in which they became known.
ALTER TABLE progress ADD COLUMN usage_told INTEGER NOT NULL DEFAULT 0;
