-- Packages whose roles may have changed, until every holder has been given what is new and has lost what is gone. Ids
-- only, so no row policy: a change is claimed before the tenant is known.
CREATE TABLE package_change (
  package uuid PRIMARY KEY,
  tenant uuid NOT NULL,
  -- The state of the package that is being brought to its holders.
  epoch integer NOT NULL,
  version bigint NOT NULL,
  -- The last assignment that was brought up to it, in the order of ids.
  reached uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  done bigint NOT NULL DEFAULT 0,
  begun_at timestamptz NOT NULL
);
CREATE INDEX assignment_package ON assignment (access_package, id);
