-- Tenants of whom what was recorded before an instant is no longer kept, until it is gone. Ids only, so no row policy: it
-- is claimed before the tenant is known.
CREATE TABLE audit_retention (
  tenant uuid PRIMARY KEY,
  before timestamptz NOT NULL
);
