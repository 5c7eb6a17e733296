-- What keeps a person from being forgotten, and since when a person is.
ALTER TABLE subject
  ADD COLUMN hold_reason text NOT NULL DEFAULT '',
  ADD COLUMN hold_set_at timestamptz,
  ADD COLUMN hold_lifted_at timestamptz,
  ADD COLUMN erased_at timestamptz;
CREATE INDEX subject_held ON subject (tenant) WHERE hold_set_at IS NOT NULL AND hold_lifted_at IS NULL;

-- When guests' accounts were deleted last; of what provisioning owns, the part that erasing has to know.
CREATE TABLE guest_deletion (
  subject uuid NOT NULL,
  tenant uuid NOT NULL,
  epoch integer NOT NULL,
  version bigint NOT NULL,
  deleted_at timestamptz NOT NULL,
  PRIMARY KEY (subject, tenant)
);
ALTER TABLE guest_deletion ENABLE ROW LEVEL SECURITY;
ALTER TABLE guest_deletion FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON guest_deletion
  USING ((tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[])) IS TRUE);
