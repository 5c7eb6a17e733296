-- Why a removal takes access away, where its kind does not say so.
ALTER TABLE request ADD COLUMN end_reason text CHECK (end_reason IN ('timeUp', 'removedByPerson',
  'removedByAdministrator', 'deliveryLapsed', 'personLeft', 'revokedByApprover', 'organizationEnded'));

-- Organizations that have ended, until the last request of their people is canceled and the last access is on its way
-- out. Ids only, so no row policy: an end is claimed before the tenant is known.
CREATE TABLE organization_end (
  organization uuid PRIMARY KEY,
  tenant uuid NOT NULL,
  -- The last request that was brought to its end, in the order of ids.
  reached uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  done bigint NOT NULL DEFAULT 0,
  begun_at timestamptz NOT NULL
);

-- In the order of ids, for what goes through an organization's people page by page.
DROP INDEX request_organization;
CREATE INDEX request_organization ON request (organization, id) WHERE is_live AND organization IS NOT NULL;
