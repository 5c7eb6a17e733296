-- Lists of a tenant cost what that tenant has, whatever others have.
CREATE INDEX assignment_page ON assignment (tenant, id);
CREATE INDEX guest_page ON guest (tenant, id);
CREATE INDEX guest_idle_page ON guest (tenant, id) WHERE live_assignments = 0 AND is_governed;
DROP INDEX guest_idle;
CREATE INDEX lifecycle_change_page ON lifecycle_change (tenant, epoch, version);
CREATE INDEX package_change_tenant ON package_change (tenant, begun_at);
CREATE INDEX named_group_page ON directory.named_group (tenant, key);
-- Groups of other tenants may have the same name; one person's row is found by the key.
DROP INDEX directory.membership_resource;
CREATE INDEX membership_resource ON directory.membership (tenant, resource, role, person);
CREATE INDEX group_member_page ON directory.group_member (tenant, "group", subject);

-- As before, but whoever leaves is looked up by themselves: the tenant's index would read all members of the group.
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
      WHERE m.resource = t.resource AND m.role = 'member' AND m.person = t.person
        AND (m.tenant = t.tenant) IS TRUE)
    ORDER BY t.resource, t.person, t.tenant
    ON CONFLICT ("group", subject, tenant) DO UPDATE SET is_member = excluded.is_member, version = g.version + 1
    WHERE g.is_member <> excluded.is_member
    RETURNING g.tenant, g."group", g.subject, g.is_member, g.version)
  INSERT INTO directory.group_change (tenant, "group", subject, is_member, version)
  SELECT tenant, "group", subject, is_member, version FROM noted;
  RETURN NULL;
END $$;
