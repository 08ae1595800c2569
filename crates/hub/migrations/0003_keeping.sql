-- How long single requests and readings are kept. Sums by hour and day stay for ever.

CREATE INDEX request_key_at ON tidemark.request_key (at);
CREATE INDEX growth_at ON tidemark.growth (at);

-- Says for how many whole months requests and readings are kept; NULL: as long as there is room.
CREATE FUNCTION tidemark.keep(months integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = tidemark, pg_temp AS $$
BEGIN
  IF my_role() IS DISTINCT FROM 'owner' THEN
    RAISE EXCEPTION 'only an owner says how long' USING ERRCODE = '42501';
  END IF;
  UPDATE hub SET keep_months = months, pruned_at = NULL;
END $$;

-- Whether anything is to be pruned: once a day, and at once after the owner has said how long.
CREATE FUNCTION tidemark.is_pruning_due() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = tidemark, pg_temp AS $$
  SELECT keep_months IS NOT NULL AND (pruned_at IS NULL OR pruned_at < clock_timestamp() - interval '1 day') FROM hub
$$;

-- Deletes some of what is older than is kept: the months of it as a whole, the rest row by row. Any agent may run it; one
-- at a time does, the others find it taken. Whether there is more.
CREATE FUNCTION tidemark.prune(most integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = tidemark, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
  this hub;
  since timestamptz;
  month record;
  deleted bigint := 0;
  gone bigint;
BEGIN
  PERFORM member_or_refuse();
  -- The row is the job's lock too, and whoever waits for it would only find the job done.
  SELECT * INTO this FROM hub WHERE single = 1 FOR UPDATE SKIP LOCKED;
  IF this.single IS NULL OR NOT is_pruning_due() THEN
    RETURN false;
  END IF;
  since := date_trunc('month', now(), 'UTC') - make_interval(months => this.keep_months);
  IF since > this.kept_since THEN
    -- From here on nothing older is taken, so that nothing is counted again that is forgotten now.
    UPDATE turn SET taken = taken + 1;
    UPDATE hub SET kept_since = since;
    RETURN true;
  END IF;
  FOR month IN
    SELECT part.relname AS name FROM pg_catalog.pg_inherits AS inherits
    JOIN pg_catalog.pg_class AS part ON part.oid = inherits.inhrelid
    WHERE inherits.inhparent IN ('tidemark.request'::regclass, 'tidemark.reading'::regclass)
      AND part.relname ~ '^(request|reading)_[0-9]{4}_[0-9]{2}$'
      AND to_date(right(part.relname, 7), 'YYYY_MM') < (since AT TIME ZONE 'UTC')::date
    ORDER BY 1 LIMIT 1
  LOOP
    -- Those who read or write wait for a moment; whoever would wait long lets it be, and the next agent tries.
    EXECUTE format('DROP TABLE tidemark.%I', month.name);
    RETURN true;
  END LOOP;
  DELETE FROM request_rest WHERE (at, fingerprint, machine) IN (
    SELECT at, fingerprint, machine FROM request_rest WHERE at < since LIMIT most);
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted + gone;
  DELETE FROM reading_rest WHERE (at, account, machine) IN (
    SELECT at, account, machine FROM reading_rest WHERE at < since LIMIT most);
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted + gone;
  DELETE FROM request_key WHERE (fingerprint, machine) IN (
    SELECT fingerprint, machine FROM request_key WHERE at < since LIMIT most);
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted + gone;
  DELETE FROM growth WHERE (machine, source, turn, fingerprint) IN (
    SELECT machine, source, turn, fingerprint FROM growth WHERE at < since LIMIT most);
  GET DIAGNOSTICS gone = ROW_COUNT;
  deleted := deleted + gone;
  IF deleted = 0 THEN
    UPDATE hub SET pruned_at = clock_timestamp();
  END IF;
  RETURN deleted > 0;
END $$;

REVOKE ALL ON FUNCTION tidemark.keep(integer), tidemark.is_pruning_due(), tidemark.prune(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tidemark.keep(integer), tidemark.is_pruning_due(), tidemark.prune(integer) TO {members};
