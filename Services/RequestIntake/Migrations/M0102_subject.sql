-- The people that a tenant knows. `email_key` is the address as it is compared: `lower()` would lose its index under
-- row-level security.
CREATE TABLE subject (
  id uuid PRIMARY KEY,
  tenant uuid NOT NULL,
  version bigint NOT NULL CHECK (version > 0),
  name text COLLATE "C" NOT NULL,
  email text NOT NULL,
  email_key text COLLATE "C" NOT NULL,
  display_name text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('external', 'member')),
  organization uuid,
  is_barred boolean NOT NULL DEFAULT false,
  bar_reason text NOT NULL DEFAULT '',
  bar_until timestamptz,
  left_at timestamptz
) WITH (fillfactor = 90);
CREATE UNIQUE INDEX subject_name ON subject (tenant, name) WHERE name <> '';
CREATE INDEX subject_email ON subject (tenant, email_key) WHERE email_key <> '';
CREATE INDEX subject_page ON subject (tenant, id);

-- What a person is recognized by; never an e-mail address.
CREATE TABLE subject_identity (
  tenant uuid NOT NULL,
  issuer text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  person uuid NOT NULL,
  PRIMARY KEY (subject, issuer, tenant)
);
CREATE INDEX subject_identity_person ON subject_identity (person);

ALTER TABLE subject ENABLE ROW LEVEL SECURITY;
ALTER TABLE subject FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON subject USING ((tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[])) IS TRUE);
ALTER TABLE subject_identity ENABLE ROW LEVEL SECURITY;
ALTER TABLE subject_identity FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON subject_identity
  USING ((tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[])) IS TRUE);
