-- Who the members are of those groups that configuration names, for the services that keep copies. A change is noted
-- whoever makes it, by a trigger: grants, administrators, and whatever else writes to this directory.

-- The person; where the account was there before, the user is not the person.
ALTER TABLE directory.membership ADD COLUMN subject uuid;
CREATE INDEX membership_resource ON directory.membership (resource, role, "user", tenant);
CREATE INDEX membership_subject ON directory.membership (resource, role, subject, tenant) WHERE subject IS NOT NULL;

CREATE TABLE directory.named_group (
  tenant uuid NOT NULL,
  id text NOT NULL,
  -- What events bear.
  key uuid NOT NULL,
  PRIMARY KEY (id, tenant)
);
CREATE INDEX named_group_key ON directory.named_group (key);

-- One row a person who is or was a member, so that a late "joined" never outlives a "left".
CREATE TABLE directory.group_member (
  tenant uuid NOT NULL,
  "group" text NOT NULL,
  subject uuid NOT NULL,
  is_member boolean NOT NULL,
  version bigint NOT NULL,
  PRIMARY KEY ("group", subject, tenant)
);

-- What has not been told yet. Ids only, so no row policy: it is claimed before the tenant is known.
CREATE TABLE directory.group_change (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant uuid NOT NULL,
  "group" text NOT NULL,
  subject uuid NOT NULL,
  is_member boolean NOT NULL,
  version bigint NOT NULL
);

-- Whoever names a group takes the same lock alone: what is changed meanwhile is noted here, what was before is there.
CREATE FUNCTION directory.note_members() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('directory.named_group', 0));
  WITH noted AS (
    INSERT INTO directory.group_member AS g (tenant, "group", subject, is_member, version)
    SELECT DISTINCT ON (c.resource, person, c.tenant) c.tenant, c.resource, person, TG_OP = 'INSERT', 1
    FROM changed c CROSS JOIN LATERAL (SELECT COALESCE(c.subject, c."user")) AS p (person)
    JOIN directory.named_group n ON n.id = c.resource AND n.tenant = c.tenant
    -- Whoever is in it by another row, too, has not left.
    WHERE c.role = 'member' AND (TG_OP = 'INSERT' OR NOT EXISTS (
      SELECT FROM directory.membership m WHERE m.resource = c.resource AND m.role = 'member' AND m.tenant = c.tenant
        AND m."user" = person AND m.subject IS NULL
      UNION ALL
      SELECT FROM directory.membership m WHERE m.resource = c.resource AND m.role = 'member' AND m.tenant = c.tenant
        AND m.subject = person))
    ORDER BY c.resource, person, c.tenant
    ON CONFLICT ("group", subject, tenant) DO UPDATE SET is_member = excluded.is_member, version = g.version + 1
    WHERE g.is_member <> excluded.is_member
    RETURNING g.tenant, g."group", g.subject, g.is_member, g.version)
  INSERT INTO directory.group_change (tenant, "group", subject, is_member, version)
  SELECT tenant, "group", subject, is_member, version FROM noted;
  RETURN NULL;
END $$;
CREATE TRIGGER note_joined AFTER INSERT ON directory.membership REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION directory.note_members();
CREATE TRIGGER note_left AFTER DELETE ON directory.membership REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION directory.note_members();

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['named_group', 'group_member'] LOOP
    EXECUTE format('ALTER TABLE directory.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE directory.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON directory.%I USING
      ((tenant = ANY ((SELECT current_setting(''vestibule.tenants'')::uuid[])::uuid[])) IS TRUE)', name);
  END LOOP;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'vestibule_provisioning') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA directory TO vestibule_provisioning;
  END IF;
END $$;
