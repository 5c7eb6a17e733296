-- Which kinds of objects there are is the contract's to say.
ALTER TABLE configuration DROP CONSTRAINT IF EXISTS configuration_kind_check;

-- Terms of use: every text that could be read under a version stays, whatever becomes of the object.
CREATE TABLE terms_text (
  tenant uuid NOT NULL,
  terms uuid NOT NULL,
  version bigint NOT NULL CHECK (version > 0),
  -- Empty for the default text.
  language text COLLATE "C" NOT NULL,
  text text NOT NULL,
  PRIMARY KEY (terms, version, language, tenant)
);

-- Who accepted which version, when, and in which language it was read.
CREATE TABLE terms_acceptance (
  tenant uuid NOT NULL,
  person uuid NOT NULL,
  terms uuid NOT NULL,
  version bigint NOT NULL CHECK (version > 0),
  language text COLLATE "C" NOT NULL,
  accepted_at timestamptz NOT NULL,
  PRIMARY KEY (person, terms, version, tenant)
);
CREATE INDEX terms_acceptance_page ON terms_acceptance (tenant, person, terms, version);

-- How a request stands to the terms that its policy demands; null for none.
ALTER TABLE request ADD COLUMN terms text CHECK (terms IN ('accepted', 'pending', 'exempt'));
CREATE INDEX request_terms_pending ON request (tenant, id) WHERE terms = 'pending';

ALTER TABLE terms_text ENABLE ROW LEVEL SECURITY;
ALTER TABLE terms_text FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON terms_text
  USING ((tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[])) IS TRUE);
ALTER TABLE terms_acceptance ENABLE ROW LEVEL SECURITY;
ALTER TABLE terms_acceptance FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON terms_acceptance
  USING ((tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[])) IS TRUE);
