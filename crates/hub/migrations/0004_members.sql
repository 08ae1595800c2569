-- What owners do with members and invitations.

-- The number of a member that has not left, for an owner; not the owner itself, who leaves.
CREATE FUNCTION tidemark.member_to_remove(its_name text) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = tidemark, pg_temp AS $$
DECLARE
  who bigint;
BEGIN
  IF my_role() IS DISTINCT FROM 'owner' THEN
    RAISE EXCEPTION 'only an owner removes members' USING ERRCODE = '42501';
  END IF;
  who := (SELECT id FROM member WHERE name = its_name AND left_at IS NULL);
  IF who IS NULL THEN
    RAISE EXCEPTION 'no such member' USING ERRCODE = 'TM004';
  END IF;
  IF who = me() THEN
    RAISE EXCEPTION 'it is you' USING ERRCODE = 'TM005';
  END IF;
  RETURN who;
END $$;

-- Takes away some of what a member has given; whether there is more.
CREATE FUNCTION tidemark.remove_some_of(its_name text, most integer) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = tidemark, pg_temp AS $$
  SELECT remove_of(member_to_remove(its_name), most) > 0
$$;

-- From this moment on the member sees and does nothing any more, whatever connection it has open.
CREATE FUNCTION tidemark.remove_member(its_name text, removing boolean) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = tidemark, pg_temp AS $$
  SELECT let_go(member_to_remove(its_name), removing)
$$;

-- Takes back an invitation that no one has used, by the end of its login's name; how many it were.
CREATE FUNCTION tidemark.revoke_invitation(its_end text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = tidemark, pg_temp AS $$
DECLARE
  old text;
  revoked bigint := 0;
BEGIN
  IF my_role() IS DISTINCT FROM 'owner' THEN
    RAISE EXCEPTION 'only an owner revokes invitations' USING ERRCODE = '42501';
  END IF;
  -- Whoever enters at this moment holds the row, and has used it then.
  FOR old IN
    SELECT login FROM invitation WHERE used_at IS NULL AND (its_end = '' OR right(login, 8) = its_end) FOR UPDATE
  LOOP
    BEGIN
      EXECUTE format('DROP ROLE IF EXISTS %I', old);
    EXCEPTION WHEN dependent_objects_still_exist THEN
      EXECUTE format('ALTER ROLE %I NOLOGIN PASSWORD NULL', old);
    END;
    DELETE FROM invitation WHERE login = old;
    revoked := revoked + 1;
  END LOOP;
  RETURN revoked;
END $$;

REVOKE ALL ON FUNCTION tidemark.member_to_remove(text), tidemark.remove_some_of(text, integer),
  tidemark.remove_member(text, boolean), tidemark.revoke_invitation(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tidemark.remove_some_of(text, integer), tidemark.remove_member(text, boolean),
  tidemark.revoke_invitation(text) TO {members};
