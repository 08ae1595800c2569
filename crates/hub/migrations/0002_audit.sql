-- One audit for each account, over the usage of all members: which agent runs it, what it remembers, and what it found.

-- An audit is held for a time by the server's clock, not by a lock of a session: no connection stays open for it, and an agent
-- that is cut off, or killed, holds it no longer than one that is gone.
CREATE TABLE tidemark.audit (
  account      bigint      PRIMARY KEY REFERENCES tidemark.account ON DELETE CASCADE,
  holder       text,               -- who runs it now
  held_until   timestamptz,        -- then anyone may take over
  version      integer,            -- of the state; an older program cannot go on from it
  state        text,               -- what is remembered of the account; NULL: nothing yet
  reader       bigint,             -- the machine whose readings are taken
  read_at      timestamptz,        -- up to which time readings and usage were taken
  turn         bigint      NOT NULL DEFAULT 0, -- and up to which turn usage was
  concluded_at timestamptz
);

-- What the audits found: the same rows for everybody, each known by its keys.
CREATE TABLE tidemark.verdict (
  account     bigint      NOT NULL REFERENCES tidemark.account ON DELETE CASCADE,
  kind        text        NOT NULL,
  class       text        NOT NULL,
  series      text        NOT NULL,
  detected_at timestamptz NOT NULL,
  line        jsonb       NOT NULL,
  turn        bigint      NOT NULL, -- in which it became known
  PRIMARY KEY (account, kind, class, series, detected_at)
);
CREATE INDEX verdict_turn ON tidemark.verdict (turn);

ALTER TABLE tidemark.audit ENABLE ROW LEVEL SECURITY;
ALTER TABLE tidemark.verdict ENABLE ROW LEVEL SECURITY;
CREATE POLICY auditors ON tidemark.audit FOR SELECT TO {members} USING ((SELECT tidemark.sees_all()));
CREATE POLICY own ON tidemark.verdict FOR SELECT TO {members}
  USING (account IN (SELECT tidemark.my_accounts()) OR (SELECT tidemark.sees_all()));

CREATE TYPE tidemark.claim AS (
  account bigint, version integer, state text, reader bigint, read_at timestamptz, turn bigint,
  last_turn bigint,        -- up to which usage can be taken now
  horizon timestamptz,     -- up to which readings can be taken now
  held_for double precision -- without an account: in how many seconds one that others hold is free, if they are gone
);

-- Takes an audit that has something to conclude from, and that no one holds. Readings of the last moments wait, so that
-- the usage beside them is here too.
CREATE FUNCTION tidemark.claim_audit(as_holder text, its_version integer, settle integer, lease integer)
RETURNS tidemark.claim
LANGUAGE plpgsql SECURITY DEFINER SET search_path = tidemark, pg_temp AS $$
DECLARE
  free audit;
  claimed claim;
BEGIN
  IF NOT sees_all() THEN
    RAISE EXCEPTION 'only owners and auditors audit' USING ERRCODE = '42501';
  END IF;
  claimed.horizon := clock_timestamp() - make_interval(secs => greatest(settle, 0));
  INSERT INTO audit (account) SELECT id FROM account
    WHERE NOT EXISTS (SELECT 1 FROM audit WHERE audit.account = account.id) ON CONFLICT DO NOTHING;
  SELECT one.* INTO free FROM audit AS one
    WHERE (one.held_until IS NULL OR one.held_until <= clock_timestamp())
      AND (one.version IS NULL OR one.version <= its_version)
      AND (EXISTS (
          SELECT 1 FROM reading WHERE reading.account = one.account
            AND reading.at > coalesce(one.read_at, '-infinity') AND reading.at <= claimed.horizon)
        OR one.read_at IS NOT NULL AND EXISTS (
          SELECT 1 FROM source CROSS JOIN LATERAL (
            SELECT 1 FROM request WHERE request.machine = source.machine AND request.source = source.number
              AND request.turn > one.turn AND request.at > one.read_at - interval '40 days'
              AND request.first_at <= one.read_at LIMIT 1
          ) AS new WHERE source.account = one.account))
    ORDER BY one.concluded_at NULLS FIRST, one.account LIMIT 1 FOR UPDATE OF one SKIP LOCKED;
  IF free.account IS NULL THEN
    claimed.held_for := (SELECT extract(epoch FROM min(held_until) - clock_timestamp()) FROM audit
      WHERE held_until > clock_timestamp());
    RETURN claimed;
  END IF;
  UPDATE audit SET holder = left(as_holder, 64),
      held_until = clock_timestamp() + make_interval(secs => least(greatest(lease, 1), 60))
    WHERE account = free.account;
  claimed.account := free.account;
  claimed.version := free.version;
  claimed.state := free.state;
  claimed.reader := free.reader;
  claimed.read_at := free.read_at;
  claimed.turn := free.turn;
  claimed.last_turn := (SELECT taken FROM turn);
  RETURN claimed;
END $$;

-- The usage of an account that became known beyond what was taken before: requests, each once whatever machines hold it,
-- and what they grew by. `after_at` and `after_turn` are what was taken, `until_at` and `until_turn` what is to be.
CREATE FUNCTION tidemark.audit_usage(of_account bigint, after_at timestamptz, after_turn bigint, until_at timestamptz,
  until_turn bigint, most integer)
RETURNS TABLE (used_at timestamptz, used_model text, used_machine bigint, used_input bigint, used_cache_read bigint,
  used_cache_write bigint, used_cache_write_1h bigint, used_output bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = tidemark, pg_temp AS $$
BEGIN
  IF NOT sees_all() THEN
    RAISE EXCEPTION 'only owners and auditors audit' USING ERRCODE = '42501';
  END IF;
  RETURN QUERY
  WITH its AS (
    SELECT source.machine, source.number, machine.member FROM source JOIN machine ON machine.id = source.machine
    WHERE source.account = of_account
  ), new AS (
    SELECT request.* FROM its CROSS JOIN LATERAL (
      SELECT * FROM request WHERE request.member = its.member AND request.at > after_at
        AND request.first_at > after_at AND request.first_at <= until_at AND request.turn <= until_turn
        AND request.machine = its.machine AND request.source = its.number) AS request
    UNION ALL
    SELECT request.* FROM its CROSS JOIN LATERAL (
      SELECT * FROM request WHERE request.machine = its.machine AND request.source = its.number
        AND request.turn > after_turn AND request.turn <= until_turn
        AND request.at > after_at - interval '40 days' AND request.first_at <= after_at) AS request
  )
  SELECT new.first_at, new.model, new.machine, new.input - coalesce(grown.input, 0)::bigint,
    new.cache_read - coalesce(grown.cache_read, 0)::bigint, new.cache_write - coalesce(grown.cache_write, 0)::bigint,
    new.cache_write_1h - coalesce(grown.cache_write_1h, 0)::bigint, new.output - coalesce(grown.output, 0)::bigint
  FROM new LEFT JOIN LATERAL (
    SELECT sum(growth.input) AS input, sum(growth.cache_read) AS cache_read, sum(growth.cache_write) AS cache_write,
      sum(growth.cache_write_1h) AS cache_write_1h, sum(growth.output) AS output
    FROM growth WHERE growth.fingerprint = new.fingerprint AND growth.machine = new.machine AND growth.turn > new.turn
  ) AS grown ON true
  -- Of several machines that hold it, the one that gave it first gives it here.
  WHERE NOT EXISTS (
    SELECT 1 FROM request_key AS key
    JOIN request AS other ON other.at = key.at AND other.fingerprint = key.fingerprint AND other.machine = key.machine
    JOIN source AS at_other ON at_other.machine = other.machine AND at_other.number = other.source
    WHERE key.fingerprint = new.fingerprint AND key.machine <> new.machine AND at_other.account = of_account
      AND (other.turn, other.machine) < (new.turn, new.machine))
  UNION ALL
  SELECT growth.at, request.model, growth.machine, growth.input, growth.cache_read, growth.cache_write,
    growth.cache_write_1h, growth.output
  FROM its JOIN growth ON growth.machine = its.machine AND growth.source = its.number
  JOIN request_key AS key ON key.fingerprint = growth.fingerprint AND key.machine = growth.machine
  JOIN request ON request.at = key.at AND request.fingerprint = key.fingerprint AND request.machine = key.machine
  WHERE growth.turn <= until_turn AND growth.turn > request.turn AND growth.at <= until_at
    AND (growth.turn > after_turn OR growth.at > after_at)
  ORDER BY 1 LIMIT most;
END $$;

-- Writes what an audit concluded, in one transaction with what it remembers, if it is still held. Whoever lost it to
-- another writes nothing.
CREATE FUNCTION tidemark.conclude(of_account bigint, as_holder text, its_version integer, its_state text,
  its_reader bigint, its_read_at timestamptz, its_turn bigint, verdicts text, is_done boolean, lease integer)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = tidemark, pg_temp AS $$
DECLARE
  said_verdicts jsonb := page_of(verdicts);
  now_turn bigint;
BEGIN
  IF NOT sees_all() THEN
    RAISE EXCEPTION 'only owners and auditors audit' USING ERRCODE = '42501';
  END IF;
  IF length(its_state) > 4000000 THEN
    RAISE EXCEPTION 'too much at once' USING ERRCODE = '54000';
  END IF;
  PERFORM 1 FROM audit
    WHERE account = of_account AND holder = as_holder AND held_until > clock_timestamp() FOR UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  IF jsonb_array_length(said_verdicts) > 0 THEN
    UPDATE turn SET taken = taken + 1 RETURNING taken INTO now_turn;
    INSERT INTO verdict (account, kind, class, series, detected_at, line, turn)
      SELECT of_account, left(said.kind, 60), left(said.class, 200), left(said.series, 60),
        to_timestamp(said.at / 1000.0), said.line, now_turn
      FROM jsonb_to_recordset(said_verdicts) AS said(at bigint, kind text, class text, series text, line jsonb)
      WHERE said.at BETWEEN 0 AND 253402300799999 AND said.line IS NOT NULL
      ON CONFLICT DO NOTHING;
  END IF;
  UPDATE audit SET version = its_version, state = its_state, reader = its_reader, read_at = its_read_at,
      turn = its_turn, concluded_at = clock_timestamp(), holder = CASE WHEN is_done THEN NULL ELSE holder END,
      held_until = CASE WHEN NOT is_done THEN clock_timestamp() + make_interval(secs => least(greatest(lease, 1), 60)) END
    WHERE account = of_account;
  RETURN true;
END $$;

-- The accounts of this member: by which hashed ids it knows them, and up to when each has been audited.
CREATE FUNCTION tidemark.audited() RETURNS TABLE (account bigint, service text, region text, part text, hash text,
  audited_until timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = tidemark, pg_temp AS $$
  SELECT account.id, account.service, account.region, one.part, one.hash, audit.read_at
  FROM account JOIN account_user AS one ON one.account = account.id LEFT JOIN audit ON audit.account = account.id
  WHERE account.id IN (SELECT my_accounts()) OR (SELECT sees_all())
$$;

REVOKE ALL ON FUNCTION tidemark.claim_audit(text, integer, integer, integer),
  tidemark.audit_usage(bigint, timestamptz, bigint, timestamptz, bigint, integer),
  tidemark.conclude(bigint, text, integer, text, bigint, timestamptz, bigint, text, boolean, integer),
  tidemark.audited() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tidemark.claim_audit(text, integer, integer, integer),
  tidemark.audit_usage(bigint, timestamptz, bigint, timestamptz, bigint, integer),
  tidemark.conclude(bigint, text, integer, text, bigint, timestamptz, bigint, text, boolean, integer),
  tidemark.audited() TO {members};
GRANT SELECT ON tidemark.audit, tidemark.verdict TO {members};
