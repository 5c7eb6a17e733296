-- The built-in directory: a connector's target, in a schema of its own. Nothing of `provisioning` refers to it.

CREATE SCHEMA IF NOT EXISTS directory;

CREATE TABLE directory."user" (
  tenant uuid NOT NULL,
  id uuid NOT NULL,
  account_name text NOT NULL,
  email text NOT NULL,
  display_name text NOT NULL,
  is_enabled boolean NOT NULL,
  -- Who made it: the guest's id for those made here, anything else for the others.
  owner_mark text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (id, tenant),
  CONSTRAINT user_account_name UNIQUE (account_name, tenant)
) WITH (fillfactor = 80);

CREATE TABLE directory.resource (
  tenant uuid NOT NULL,
  id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('group', 'application', 'site')),
  display_name text NOT NULL,
  PRIMARY KEY (id, tenant)
);

CREATE TABLE directory.membership (
  tenant uuid NOT NULL,
  "user" uuid NOT NULL,
  resource text NOT NULL,
  role text NOT NULL,
  PRIMARY KEY ("user", resource, role, tenant)
);

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['user', 'resource', 'membership'] LOOP
    EXECUTE format('ALTER TABLE directory.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE directory.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON directory.%I USING
      ((tenant = ANY ((SELECT current_setting(''vestibule.tenants'')::uuid[])::uuid[])) IS TRUE)', name);
  END LOOP;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'vestibule_provisioning') THEN
    GRANT USAGE ON SCHEMA directory TO vestibule_provisioning;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA directory TO vestibule_provisioning;
  END IF;
END $$;
