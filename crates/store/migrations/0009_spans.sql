-- When the request began of which a state is known: the sum of a session stretches from its beginning to its last change.
-- This file is never edited once released; what changes later comes in a file of its own.

-- NULL: not known. `merged` is 2 where of several states the one that says most counts at its own time, 3 where the
-- latest counts.
ALTER TABLE usage_state ADD COLUMN begun INTEGER;
