-- A reader's copy of what request-intake owns: the newest version seen of each object.
CREATE TABLE configuration_copy (
  id uuid PRIMARY KEY,
  tenant uuid NOT NULL,
  kind text NOT NULL,
  epoch integer NOT NULL,
  version bigint NOT NULL,
  deleted boolean NOT NULL,
  object bytea NOT NULL
);
CREATE INDEX configuration_copy_kind ON configuration_copy (tenant, kind);
ALTER TABLE configuration_copy ENABLE ROW LEVEL SECURITY;
ALTER TABLE configuration_copy FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON configuration_copy
  USING ((tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[])) IS TRUE);
