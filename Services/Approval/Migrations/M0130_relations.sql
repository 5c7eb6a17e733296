-- To whom people report, and who answers for them; copies of what request-intake owns.
ALTER TABLE subject_copy ADD COLUMN manager uuid;
CREATE INDEX subject_copy_manager ON subject_copy (manager, tenant) WHERE manager IS NOT NULL;

CREATE TABLE sponsorship (
  subject uuid NOT NULL,
  sponsor uuid NOT NULL,
  tenant uuid NOT NULL,
  PRIMARY KEY (subject, sponsor, tenant)
);
CREATE INDEX sponsorship_sponsor ON sponsorship (sponsor, tenant);
ALTER TABLE sponsorship ENABLE ROW LEVEL SECURITY;
ALTER TABLE sponsorship FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON sponsorship
  USING ((tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[])) IS TRUE);

-- What waits, by whose request it is and for whom.
CREATE INDEX approval_pending_requestor ON approval (requestor, opened_at, id) WHERE state = 'pending';
CREATE INDEX approval_pending_target ON approval (target_subject, opened_at, id) WHERE state = 'pending';
