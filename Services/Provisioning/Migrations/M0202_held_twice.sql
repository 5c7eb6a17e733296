-- One person held a package twice, by subjects that were merged.
ALTER TABLE assignment
  DROP CONSTRAINT assignment_end_reason,
  ADD CONSTRAINT assignment_end_reason CHECK (end_reason IN (
    'timeUp', 'removedByPerson', 'removedByAdministrator', 'deliveryLapsed', 'personLeft', 'revokedByApprover',
    'organizationEnded', 'heldTwice'));
