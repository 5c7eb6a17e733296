-- Whether an administrator has said that a guest is governed, or is not.
ALTER TABLE guest ADD COLUMN lifecycle_chosen boolean NOT NULL DEFAULT false;

-- Guests that should be on their way out, or are.
CREATE INDEX guest_idle ON guest (id, tenant) WHERE live_assignments = 0 AND is_governed;

-- How many guests each change of the lifecycle settings moved.
CREATE TABLE lifecycle_change (
  tenant uuid NOT NULL,
  epoch integer NOT NULL,
  version bigint NOT NULL,
  changed_at timestamptz NOT NULL,
  retimed bigint NOT NULL,
  PRIMARY KEY (epoch, version, tenant)
);
ALTER TABLE lifecycle_change ENABLE ROW LEVEL SECURITY;
ALTER TABLE lifecycle_change FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON lifecycle_change
  USING ((tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[])) IS TRUE);
