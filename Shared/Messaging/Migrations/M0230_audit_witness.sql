-- How far other services have told that their chains reach: the farthest end that was seen of each. Who takes the newest
-- rows of a chain away together with its head does not reach the row here.
CREATE TABLE audit_witness (
  tenant uuid NOT NULL,
  service text NOT NULL,
  position bigint NOT NULL,
  hash bytea NOT NULL,
  seen_at timestamptz NOT NULL,
  PRIMARY KEY (tenant, service)
) WITH (fillfactor = 50);

ALTER TABLE audit_witness ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_witness FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit_witness
  USING ((tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[])) IS TRUE);
