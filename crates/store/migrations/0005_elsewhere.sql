-- What of a deduction was used elsewhere: of the month, beyond Kimi Code's share.
-- This file is never edited once released; what changes later comes in a file of its own.

-- The word 4 of a verdict is "used elsewhere"; an earlier program reads it as "cannot tell".
-- NULL: nothing, or a program that did not know of it.
ALTER TABLE verdict ADD COLUMN elsewhere INTEGER;
