-- The roles that a resource of the directory offers; none listed: it takes any.
ALTER TABLE directory.resource ADD COLUMN roles text[] NOT NULL DEFAULT '{}';

-- Resources whose origin is to be looked at again. Ids only, so no row policy: they are claimed before the tenant is known.
CREATE TABLE resource_refresh (
  resource uuid PRIMARY KEY,
  tenant uuid NOT NULL,
  origin_system text NOT NULL,
  origin_id text NOT NULL,
  -- When it was asked last, and which attempt is due when.
  asked_at timestamptz NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  due_at timestamptz NOT NULL
);
CREATE INDEX resource_refresh_due ON resource_refresh (due_at);
