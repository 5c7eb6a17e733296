-- Who decides beside an approver, for a while: one at a time, one step far.
CREATE TABLE delegation (
  approver uuid NOT NULL,
  tenant uuid NOT NULL,
  delegate uuid NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz,
  PRIMARY KEY (approver, tenant),
  CHECK (approver <> delegate),
  CHECK (ends_at IS NULL OR ends_at > starts_at)
);
CREATE INDEX delegation_delegate ON delegation (delegate, tenant);
ALTER TABLE delegation ENABLE ROW LEVEL SECURITY;
ALTER TABLE delegation FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON delegation
  USING ((tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[])) IS TRUE);
