-- Whether others were named for the stage that waits, and who they are. Rows beside the approval because a list begins
-- with the person; they go when the stage does.
ALTER TABLE approval ADD COLUMN is_reassigned boolean NOT NULL DEFAULT false;

CREATE TABLE reassigned_approver (
  approval uuid NOT NULL,
  approver uuid NOT NULL,
  tenant uuid NOT NULL,
  PRIMARY KEY (approval, approver, tenant)
);
CREATE INDEX reassigned_approver_approver ON reassigned_approver (approver, tenant);
ALTER TABLE reassigned_approver ENABLE ROW LEVEL SECURITY;
ALTER TABLE reassigned_approver FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON reassigned_approver
  USING ((tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[])) IS TRUE);
