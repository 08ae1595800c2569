-- The state of an account's analysis, in parts: an audit that has to be rebuilt leaves the tracker as it is.
-- This file is never edited once released; what changes later comes in a file of its own.

-- The version of the program's state that wrote `tracker`, `audit` and `alert_state`. NULL: the first release,
-- which kept the audit in `tracker`, with the tracker inside.
ALTER TABLE progress ADD COLUMN state_version INTEGER;
ALTER TABLE progress ADD COLUMN audit TEXT; -- JSON of the audit, without the tracker

-- The newest failed poll that was concluded from. NULL: none, or the first release, which concluded from failures
-- only with the reading after them.
ALTER TABLE progress ADD COLUMN analysed_failure INTEGER;
