-- Who is, or was, in the groups that configuration names: the newest state seen of each person. A copy of what the
-- built-in directory tells.
CREATE TABLE group_member_copy (
  tenant uuid NOT NULL,
  "group" text NOT NULL,
  subject uuid NOT NULL,
  is_member boolean NOT NULL,
  epoch integer NOT NULL,
  version bigint NOT NULL,
  PRIMARY KEY (subject, "group", tenant)
) WITH (fillfactor = 90);
CREATE INDEX group_member_copy_group ON group_member_copy ("group", subject, tenant) WHERE is_member;
ALTER TABLE group_member_copy ENABLE ROW LEVEL SECURITY;
ALTER TABLE group_member_copy FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON group_member_copy
  USING ((tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[])) IS TRUE);
