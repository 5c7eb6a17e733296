-- Whose a membership is: the person it was given to, else the user who has it. Groups are told, shown and changed by
-- person, also where the account was there before the person was known.

ALTER TABLE directory.membership ADD COLUMN person uuid NOT NULL GENERATED ALWAYS AS (COALESCE(subject, "user")) STORED;
-- The person comes first: an index that begins with the group would be taken for look-ups by user, too.
CREATE INDEX membership_person ON directory.membership (person, resource, role, tenant);
DROP INDEX directory.membership_subject;

CREATE OR REPLACE FUNCTION directory.note_members() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('directory.named_group', 0));
  WITH touched AS MATERIALIZED (
    SELECT DISTINCT c.tenant, c.resource, c.person
    FROM changed c JOIN directory.named_group n ON n.id = c.resource AND n.tenant = c.tenant
    WHERE c.role = 'member'),
  noted AS (
    INSERT INTO directory.group_member AS g (tenant, "group", subject, is_member, version)
    SELECT t.tenant, t.resource, t.person, TG_OP = 'INSERT', 1 FROM touched t
    -- Whoever is in it by another row, too, has not left.
    WHERE TG_OP = 'INSERT' OR NOT EXISTS (
      SELECT FROM directory.membership m
      WHERE m.resource = t.resource AND m.role = 'member' AND m.person = t.person AND m.tenant = t.tenant)
    ORDER BY t.resource, t.person, t.tenant
    ON CONFLICT ("group", subject, tenant) DO UPDATE SET is_member = excluded.is_member, version = g.version + 1
    WHERE g.is_member <> excluded.is_member
    RETURNING g.tenant, g."group", g.subject, g.is_member, g.version)
  INSERT INTO directory.group_change (tenant, "group", subject, is_member, version)
  SELECT tenant, "group", subject, is_member, version FROM noted;
  RETURN NULL;
END $$;
