-- Subjects for whom another one stands in, and until when that can be taken back.
ALTER TABLE subject ADD COLUMN merged_into uuid;
CREATE INDEX subject_merged_into ON subject (merged_into, tenant) WHERE merged_into IS NOT NULL;

CREATE TABLE subject_merge (
  tenant uuid NOT NULL,
  merged uuid NOT NULL,
  survivor uuid NOT NULL,
  -- Whether they had been linked before: a merge that is taken back leaves that as it was.
  was_linked boolean NOT NULL,
  final_at timestamptz NOT NULL,
  PRIMARY KEY (merged, tenant)
);
ALTER TABLE subject_merge ENABLE ROW LEVEL SECURITY;
ALTER TABLE subject_merge FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON subject_merge
  USING ((tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[])) IS TRUE);

ALTER TABLE request
  DROP CONSTRAINT request_end_reason_check,
  ADD CONSTRAINT request_end_reason CHECK (end_reason IN (
    'timeUp', 'removedByPerson', 'removedByAdministrator', 'deliveryLapsed', 'personLeft', 'revokedByApprover',
    'organizationEnded', 'heldTwice'));
