-- An approver takes back what was approved.
ALTER TABLE assignment
  DROP CONSTRAINT assignment_end_reason_check,
  ADD CONSTRAINT assignment_end_reason CHECK (end_reason IN (
    'timeUp', 'removedByPerson', 'removedByAdministrator', 'deliveryLapsed', 'personLeft', 'revokedByApprover'));
