-- What somebody was told, about what, and when it was due: of one end once.
CREATE TABLE notice (
  tenant uuid NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('assignmentEndsIn14Days', 'assignmentEndsIn1Day', 'guestBlockedIn1Day',
    'guestBlocked', 'guestDeletedIn7Days', 'guestDeleted', 'guestRescheduled', 'contractEndsIn30Days')),
  about uuid NOT NULL,
  recipient uuid NOT NULL,
  moment timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  told_at timestamptz NOT NULL,
  PRIMARY KEY (about, kind, moment, recipient, tenant)
);
CREATE INDEX notice_recipient ON notice (recipient, id);
CREATE INDEX notice_page ON notice (tenant, id);
ALTER TABLE notice ENABLE ROW LEVEL SECURITY;
ALTER TABLE notice FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notice
  USING ((tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[])) IS TRUE);
