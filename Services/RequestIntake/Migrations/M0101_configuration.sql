-- A tenant, and the number of the last change to its configuration. Every change takes its row first, so changes of
-- one tenant follow each other, and a process that knows the number knows what it has not yet seen. Ids only: read
-- before the tenant of a caller is known, so without row-level security.
CREATE TABLE tenant (
  id uuid PRIMARY KEY,
  revision bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- Whatever administrators configure: one row an object, in protobuf's JSON. A deleted one stays, so that copies learn
-- of it.
CREATE TABLE configuration (
  id uuid PRIMARY KEY,
  tenant uuid NOT NULL REFERENCES tenant,
  kind text NOT NULL CHECK (kind IN ('tenant', 'issuer', 'roleAssignment', 'catalog', 'resource', 'accessPackage',
    'assignmentPolicy', 'connectedOrganization', 'domainList', 'lifecycleSettings')),
  name text COLLATE "C" NOT NULL,
  version bigint NOT NULL CHECK (version > 0),
  revision bigint NOT NULL,
  deleted boolean NOT NULL DEFAULT false,
  object jsonb NOT NULL
);
CREATE UNIQUE INDEX configuration_name ON configuration (tenant, kind, name) WHERE NOT deleted;
CREATE INDEX configuration_revision ON configuration (tenant, revision);

-- What tells whose person somebody is; a source belongs to one organization of a tenant.
CREATE TABLE identity_source (
  tenant uuid NOT NULL,
  key text COLLATE "C" NOT NULL,
  organization uuid NOT NULL,
  include_subdomains boolean NOT NULL,
  PRIMARY KEY (tenant, key)
);
CREATE INDEX identity_source_organization ON identity_source (organization);

-- Who may sign people in, read before the tenant is known, so without row-level security: ids and public keys only.
CREATE TABLE issuer (
  id uuid PRIMARY KEY,
  tenant uuid NOT NULL,
  issuer text COLLATE "C" NOT NULL,
  audience text COLLATE "C" NOT NULL,
  object jsonb NOT NULL,
  UNIQUE (issuer, audience)
);

-- Counts the changes of issuers, so that every copy of the service learns of one within a second.
CREATE TABLE issuer_revision (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  value bigint NOT NULL
);
INSERT INTO issuer_revision (value) VALUES (0);

ALTER TABLE configuration ENABLE ROW LEVEL SECURITY;
ALTER TABLE configuration FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON configuration
  USING ((tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[])) IS TRUE);
ALTER TABLE identity_source ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity_source FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON identity_source
  USING ((tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[])) IS TRUE);
