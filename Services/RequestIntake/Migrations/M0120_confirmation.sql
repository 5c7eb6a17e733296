-- Changes that wait for a second administrator, and what became of them.
CREATE TABLE confirmation (
  id uuid PRIMARY KEY,
  tenant uuid NOT NULL,
  version bigint NOT NULL CHECK (version > 0),
  state text NOT NULL CHECK (state IN ('pending', 'confirmed', 'rejected', 'expired', 'void')),
  -- The exact change, with the names of the API, and what tells it from others.
  change jsonb NOT NULL,
  change_key uuid NOT NULL,
  object uuid NOT NULL,
  object_version bigint NOT NULL,
  widens text[] NOT NULL,
  people bigint NOT NULL,
  sample uuid[] NOT NULL,
  asked_subject uuid,
  asked_issuer text NOT NULL,
  asked_external_subject text NOT NULL,
  asked_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  decided_subject uuid,
  decided_issuer text,
  decided_external_subject text,
  decided_at timestamptz
);
-- The same change waits once.
CREATE UNIQUE INDEX confirmation_change ON confirmation (change_key, tenant) WHERE state = 'pending';
CREATE INDEX confirmation_page ON confirmation (tenant, id);

-- Whose access administrators' changes have ended within the last hour, each person once.
CREATE TABLE mass_change (
  person uuid NOT NULL,
  tenant uuid NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (person, tenant)
);
CREATE INDEX mass_change_at ON mass_change (tenant, at);

ALTER TABLE confirmation ENABLE ROW LEVEL SECURITY;
ALTER TABLE confirmation FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON confirmation
  USING ((tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[])) IS TRUE);
ALTER TABLE mass_change ENABLE ROW LEVEL SECURITY;
ALTER TABLE mass_change FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON mass_change
  USING ((tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[])) IS TRUE);
