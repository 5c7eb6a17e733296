-- What was changed, by whom. The entries of one transaction are one row until they are sealed; they hold ids and codes
-- only, so there is no row-level security: they are taken before the tenants are known.
CREATE TABLE audit_pending (
  work uuid PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  entries bytea NOT NULL
);
ALTER TABLE audit_pending ALTER COLUMN entries SET STORAGE EXTERNAL;

-- Words about people, which can be erased; an entry knows only the commitment to them.
CREATE TABLE audit_words (
  work uuid NOT NULL,
  ordinal integer NOT NULL,
  tenant uuid NOT NULL,
  subject uuid,
  salt bytea NOT NULL,
  words text NOT NULL,
  PRIMARY KEY (work, ordinal, tenant)
);
CREATE INDEX audit_words_subject ON audit_words (subject, tenant) WHERE subject IS NOT NULL;

-- A tenant's chain: `hash` covers the position, `previous`, and everything that the entry says.
CREATE TABLE audit (
  tenant uuid NOT NULL,
  position bigint NOT NULL,
  previous bytea NOT NULL,
  hash bytea NOT NULL,
  work uuid NOT NULL,
  ordinal integer NOT NULL,
  at timestamptz NOT NULL,
  initiator uuid,
  role text NOT NULL,
  action text NOT NULL,
  kind text NOT NULL,
  object uuid NOT NULL,
  version bigint NOT NULL,
  codes text NOT NULL,
  commitment bytea NOT NULL,
  PRIMARY KEY (tenant, position)
);

-- Where it ends; and where what is kept of it begins: after `pruned_position`, which had `pruned_hash`.
CREATE TABLE audit_head (
  tenant uuid PRIMARY KEY,
  position bigint NOT NULL DEFAULT 0,
  hash bytea NOT NULL DEFAULT '',
  pruned_position bigint NOT NULL DEFAULT 0,
  pruned_hash bytea NOT NULL DEFAULT ''
);

ALTER TABLE audit_words ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_words FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit_words
  USING ((tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[])) IS TRUE);
ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit
  USING ((tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[])) IS TRUE);
ALTER TABLE audit_head ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_head FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit_head
  USING ((tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[])) IS TRUE);
