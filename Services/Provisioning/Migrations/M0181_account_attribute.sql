-- Values that holders answered and that are written to their accounts: one row for an attribute of an account.
CREATE TABLE account_attribute (
  tenant uuid NOT NULL,
  guest uuid NOT NULL,
  connector text NOT NULL,
  name text NOT NULL,
  -- The values that assignments want there, with when they were answered.
  claims jsonb NOT NULL,
  generation bigint NOT NULL,
  observed text NOT NULL CHECK (observed IN ('unknown', 'empty', 'value')),
  observed_value text CHECK ((observed = 'value') = (observed_value IS NOT NULL)),
  -- The values that may be there by our hand.
  ours jsonb NOT NULL,
  attempts bigint NOT NULL,
  last_error text NOT NULL,
  next_attempt_at timestamptz,
  PRIMARY KEY (guest, connector, name, tenant)
) WITH (fillfactor = 70);
ALTER TABLE account_attribute ENABLE ROW LEVEL SECURITY;
ALTER TABLE account_attribute FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON account_attribute
  USING ((tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[])) IS TRUE);

-- What is answered for attributes and since when, and why one is not written (null for nothing).
ALTER TABLE assignment
  ADD COLUMN attribute_answers jsonb,
  ADD COLUMN answered_at timestamptz,
  ADD COLUMN attribute_failure text;

-- The built-in directory's attributes of its users.
CREATE TABLE directory.attribute (
  tenant uuid NOT NULL,
  "user" uuid NOT NULL,
  name text COLLATE "C" NOT NULL,
  value text NOT NULL,
  PRIMARY KEY ("user", name, tenant)
);
ALTER TABLE directory.attribute ENABLE ROW LEVEL SECURITY;
ALTER TABLE directory.attribute FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON directory.attribute
  USING ((tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[])) IS TRUE);
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'vestibule_provisioning') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON directory.attribute TO vestibule_provisioning;
  END IF;
END $$;
