-- How long what was written to the cache is kept: an hour costs more than five minutes.
-- This file is never edited once released; what changes later comes in a file of its own.

-- Of `cache_write`, what is kept for an hour. NULL: not known, since a program that did not record it wrote the row;
-- priced as if it were 0.
ALTER TABLE usage_request ADD COLUMN cache_write_1h INTEGER;
ALTER TABLE usage_state ADD COLUMN cache_write_1h INTEGER;
ALTER TABLE usage_sum ADD COLUMN cache_write_1h INTEGER;
