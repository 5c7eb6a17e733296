-- What people asked for. The columns `assignment_*` show the newest state seen of the assignment that an add request
-- made. `is_live` and `open_change` are derived from the state and stand for what may be there once only.
CREATE TABLE request (
  id uuid PRIMARY KEY,
  tenant uuid NOT NULL,
  version bigint NOT NULL CHECK (version > 0),
  kind text NOT NULL CHECK (kind IN ('userAdd', 'userUpdate', 'userRemove', 'adminAdd', 'adminUpdate', 'adminRemove',
    'systemAdd', 'systemUpdate', 'systemRemove')),
  state text NOT NULL CHECK (state IN ('pendingApproval', 'scheduled', 'delivering', 'partiallyDelivered', 'delivered',
    'deliveryFailed', 'denied', 'canceled')),
  status text NOT NULL CHECK (status IN ('PendingApproval', 'PendingNotBefore', 'Accepted', 'Delivering',
    'PartiallyDelivered', 'Delivered', 'DeliveryFailed', 'Denied', 'TimedOut', 'EndPassed', 'Canceled',
    'AssignmentEnded')),
  target_subject uuid NOT NULL,
  target_email text NOT NULL,
  target_display_name text NOT NULL,
  target_is_member boolean NOT NULL,
  requestor uuid NOT NULL,
  access_package uuid NOT NULL,
  assignment_policy uuid,
  organization uuid,
  assignment uuid NOT NULL,
  justification text NOT NULL,
  starts_at timestamptz,
  duration text,
  latest_end timestamptz,
  created_at timestamptz NOT NULL,
  completed_at timestamptz,
  is_live boolean NOT NULL,
  open_change text CHECK (open_change IN ('update', 'remove')),
  assignment_epoch integer NOT NULL DEFAULT 0,
  assignment_version bigint NOT NULL DEFAULT 0,
  assignment_state text CHECK (assignment_state IN ('delivering', 'partiallyDelivered', 'delivered', 'deliveryFailed',
    'removing', 'expired')),
  delivered_at timestamptz,
  ends_at timestamptz
) WITH (fillfactor = 75);

-- One live assignment and one open request per person and package (decision 7).
CREATE UNIQUE INDEX request_live ON request (target_subject, access_package, tenant) WHERE is_live;
-- One open extension and one open removal per assignment.
CREATE UNIQUE INDEX request_open_change ON request (assignment, open_change, tenant) WHERE open_change IS NOT NULL;
CREATE INDEX request_page ON request (tenant, target_subject, id);
CREATE INDEX request_organization ON request (tenant, organization) WHERE is_live AND organization IS NOT NULL;

-- What a caller already asked, for 30 days: the same key with the same body gives the same answer.
CREATE TABLE idempotency (
  tenant uuid NOT NULL,
  caller text COLLATE "C" NOT NULL,
  operation text NOT NULL CHECK (operation IN ('submit', 'extend', 'remove')),
  key text COLLATE "C" NOT NULL,
  body uuid NOT NULL,
  request uuid NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (key, caller, operation, tenant)
);
CREATE INDEX idempotency_created ON idempotency (created_at);

ALTER TABLE request ENABLE ROW LEVEL SECURITY;
ALTER TABLE request FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON request USING ((tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[])) IS TRUE);
ALTER TABLE idempotency ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON idempotency
  USING ((tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[])) IS TRUE);
