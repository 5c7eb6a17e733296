-- How far an assignment has followed what was reprocessed of its request, and what was granted and is asserted anew.
ALTER TABLE assignment
  ADD COLUMN redeliveries bigint NOT NULL DEFAULT 0,
  ADD COLUMN assertions bigint NOT NULL DEFAULT 0;
ALTER TABLE entitlement
  DROP CONSTRAINT entitlement_observed_check,
  ADD CONSTRAINT entitlement_observed CHECK (observed IN ('absent', 'present', 'unknown', 'presumed'));
