-- Who took back what was approved.
ALTER TABLE approval
  ADD COLUMN revoked_by uuid,
  ADD COLUMN revocation_justification text,
  ADD COLUMN revoked_at timestamptz,
  ADD CONSTRAINT approval_revocation CHECK (state = 'approved' OR revoked_by IS NULL),
  ADD CONSTRAINT approval_revocation_whole CHECK ((revoked_by IS NULL) = (revoked_at IS NULL)
    AND (revoked_by IS NULL) = (revocation_justification IS NULL));
