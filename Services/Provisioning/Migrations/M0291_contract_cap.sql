-- Organizations whose contract's end has still to come to the assignments of their people. Ids only, so no row policy: one
-- is claimed before the tenant is known.
CREATE TABLE contract_cap (
  organization uuid PRIMARY KEY,
  tenant uuid NOT NULL,
  -- The state of the organization that is being brought to its people.
  epoch integer NOT NULL,
  version bigint NOT NULL,
  -- The last assignment that was looked at, in the order of ids.
  reached uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  begun_at timestamptz NOT NULL
);
CREATE INDEX assignment_organization ON assignment (organization, id) WHERE organization IS NOT NULL;
