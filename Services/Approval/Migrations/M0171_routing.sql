-- Where nobody can be found who decides: one row for all that waits under a policy for the people of an organization.
-- `routing` is the whole of it, with the names of the API; the columns beside it are what it is found by.
CREATE TABLE approval_routing (
  id uuid PRIMARY KEY,
  tenant uuid NOT NULL,
  version bigint NOT NULL CHECK (version > 0),
  state text NOT NULL CHECK (state IN ('open', 'resolved')),
  access_package uuid NOT NULL,
  assignment_policy uuid NOT NULL,
  organization uuid,
  routing jsonb NOT NULL
);
CREATE UNIQUE INDEX approval_routing_open ON approval_routing (assignment_policy, organization, tenant)
  NULLS NOT DISTINCT WHERE state = 'open';
CREATE INDEX approval_routing_tenant ON approval_routing (tenant, state, id);
ALTER TABLE approval_routing ENABLE ROW LEVEL SECURITY;
ALTER TABLE approval_routing FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON approval_routing
  USING ((tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[])) IS TRUE);

-- Tenants in which it has to be looked, from an instant on, whether what waits can be decided by anybody. Ids only, and
-- no row policy: it is read before the tenant is known.
CREATE TABLE routing_mark (
  id uuid PRIMARY KEY,
  tenant uuid NOT NULL,
  due_at timestamptz NOT NULL
);
CREATE INDEX routing_mark_due ON routing_mark (due_at);
