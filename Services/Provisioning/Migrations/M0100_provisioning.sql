-- What people have, until when, and what of it has still to be told to a connector.
-- Keys begin with what tells rows apart: an index that begins with the tenant looks cheap to a planner that has no
-- statistics yet, and reads all of a tenant's rows.

CREATE TABLE guest (
  tenant uuid NOT NULL,
  id uuid NOT NULL,
  version bigint NOT NULL,
  email text NOT NULL,
  display_name text NOT NULL,
  is_member boolean NOT NULL,
  is_governed boolean NOT NULL,
  presence text NOT NULL CHECK (presence IN ('active', 'blocked', 'absent')),
  live_assignments bigint NOT NULL CHECK (live_assignments >= 0),
  block_causes text[] NOT NULL CHECK (block_causes <@ ARRAY['lifecycle', 'administrator', 'external']),
  blocked_at timestamptz,
  block_due_at timestamptz,
  delete_due_at timestamptz,
  PRIMARY KEY (id, tenant)
) WITH (fillfactor = 70);

CREATE TABLE account (
  tenant uuid NOT NULL,
  guest uuid NOT NULL,
  connector text NOT NULL,
  external_id text,
  provenance text CHECK (provenance IN ('ours', 'found')),
  state text NOT NULL CHECK (state IN (
    'inviting', 'active', 'blocking', 'blocked', 'unblocking', 'deleting', 'deleted', 'failed')),
  PRIMARY KEY (guest, connector, tenant)
) WITH (fillfactor = 70);

CREATE TABLE assignment (
  tenant uuid NOT NULL,
  id uuid NOT NULL,
  version bigint NOT NULL,
  state text NOT NULL CHECK (state IN (
    'delivering', 'partiallyDelivered', 'delivered', 'deliveryFailed', 'removing', 'expired')),
  target uuid NOT NULL,
  email text NOT NULL,
  display_name text NOT NULL,
  is_member boolean NOT NULL,
  access_package uuid NOT NULL,
  assignment_policy uuid,
  organization uuid,
  duration text,
  latest_end timestamptz,
  starts_at timestamptz,
  began_at timestamptz NOT NULL DEFAULT now(),
  delivered_at timestamptz,
  ends_at timestamptz,
  end_reason text CHECK (end_reason IN (
    'timeUp', 'removedByPerson', 'removedByAdministrator', 'deliveryLapsed', 'personLeft')),
  ended_at timestamptz,
  failure text CHECK (failure IN (
    'domainDenied', 'endPassed', 'resourceMissing', 'connectorRefused', 'connectorUnavailable', 'approvalLapsed',
    'subjectBarred')),
  answered_request uuid,
  PRIMARY KEY (id, tenant)
) WITH (fillfactor = 70);
CREATE INDEX assignment_target ON assignment (target, tenant);

-- One role of one resource for one guest. A row goes with its last claim, once the revocation is confirmed.
CREATE TABLE entitlement (
  tenant uuid NOT NULL,
  guest uuid NOT NULL,
  resource uuid NOT NULL,
  role text NOT NULL,
  origin_system text NOT NULL,
  origin_id text NOT NULL,
  claims uuid[] NOT NULL,
  -- The assignments that are over as soon as the revocation is confirmed.
  releasing uuid[] NOT NULL,
  generation bigint NOT NULL,
  observed text NOT NULL CHECK (observed IN ('absent', 'present', 'unknown')),
  provenance text CHECK (provenance IN ('ours', 'found')),
  attempts bigint NOT NULL,
  last_error text NOT NULL,
  next_attempt_at timestamptz,
  PRIMARY KEY (guest, resource, role, tenant)
) WITH (fillfactor = 70);

-- Requests that wait for approval: they postpone block and deletion.
CREATE TABLE open_request (
  tenant uuid NOT NULL,
  request uuid NOT NULL,
  subject uuid NOT NULL,
  epoch integer NOT NULL,
  version bigint NOT NULL,
  is_open boolean NOT NULL,
  PRIMARY KEY (request, tenant)
);
CREATE INDEX open_request_subject ON open_request (subject, tenant) WHERE is_open;

-- What a subject's newest change says beyond the requests: a bar.
CREATE TABLE subject_copy (
  tenant uuid NOT NULL,
  id uuid NOT NULL,
  epoch integer NOT NULL,
  version bigint NOT NULL,
  is_barred boolean NOT NULL,
  barred_until timestamptz,
  PRIMARY KEY (id, tenant)
);

-- What has still to be told to an external connector, a guest a row. Ids only, so no row policy: it is leased
-- before the tenant is known.
CREATE TABLE guest_work (
  guest uuid PRIMARY KEY,
  tenant uuid NOT NULL,
  next_attempt_at timestamptz NOT NULL,
  lease uuid,
  leased_until timestamptz NOT NULL DEFAULT '-infinity',
  attempts bigint NOT NULL DEFAULT 0,
  first_failed_at timestamptz,
  since timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 70);
CREATE INDEX guest_work_next ON guest_work (next_attempt_at);

-- The tenants there are, ids only: for what goes through all of them.
CREATE TABLE tenant (id uuid PRIMARY KEY);

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['guest', 'account', 'assignment', 'entitlement', 'open_request', 'subject_copy'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I USING
      ((tenant = ANY ((SELECT current_setting(''vestibule.tenants'')::uuid[])::uuid[])) IS TRUE)', name);
  END LOOP;
END $$;
