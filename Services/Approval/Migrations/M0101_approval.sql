-- The approval of a request; bears the request's id. `request_epoch` and `request_version` are of the newest state of
-- the request that was seen. A request that ended before it was seen to wait has a row too, so that a late
-- `request.submitted` opens nothing.
CREATE TABLE approval (
  id uuid PRIMARY KEY,
  tenant uuid NOT NULL,
  request_epoch integer NOT NULL,
  request_version bigint NOT NULL,
  version bigint NOT NULL CHECK (version > 0),
  state text NOT NULL CHECK (state IN ('pending', 'approved', 'denied', 'timedOut', 'canceled')),
  target_subject uuid NOT NULL,
  target_email text NOT NULL,
  target_display_name text NOT NULL,
  target_is_member boolean NOT NULL,
  requestor uuid NOT NULL,
  access_package uuid NOT NULL,
  assignment_policy uuid NOT NULL,
  organization uuid,
  justification text NOT NULL,
  opened_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  decided_by uuid,
  decided_as text CHECK (decided_as IN ('singleUser', 'internalSponsor', 'externalSponsor', 'fallback')),
  decision_justification text,
  decided_at timestamptz,
  CHECK ((state IN ('approved', 'denied')) = (decided_by IS NOT NULL AND decided_as IS NOT NULL
    AND decision_justification IS NOT NULL AND decided_at IS NOT NULL))
) WITH (fillfactor = 80);
-- What waits, by what says who may decide it, oldest first.
CREATE INDEX approval_pending ON approval (assignment_policy, organization, opened_at, id) WHERE state = 'pending';

-- Whether a person may act; a copy of what request-intake owns.
CREATE TABLE subject_copy (
  id uuid PRIMARY KEY,
  tenant uuid NOT NULL,
  epoch integer NOT NULL,
  version bigint NOT NULL,
  is_barred boolean NOT NULL,
  barred_until timestamptz,
  has_left boolean NOT NULL
) WITH (fillfactor = 90);

ALTER TABLE deadline ADD CONSTRAINT deadline_kind CHECK (kind = 'timeout');

ALTER TABLE approval ENABLE ROW LEVEL SECURITY;
ALTER TABLE approval FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON approval USING ((tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[])) IS TRUE);
ALTER TABLE subject_copy ENABLE ROW LEVEL SECURITY;
ALTER TABLE subject_copy FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON subject_copy
  USING ((tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[])) IS TRUE);
