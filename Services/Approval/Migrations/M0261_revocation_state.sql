-- What becomes of what was given by an approval that was taken back: it ends, or waits for a second administrator.
ALTER TABLE approval ADD COLUMN revocation_state text
  CHECK (revocation_state IN ('revoked', 'waiting', 'confirmed', 'lapsed'));
ALTER TABLE approval NO FORCE ROW LEVEL SECURITY;
UPDATE approval SET revocation_state = 'revoked' WHERE revoked_by IS NOT NULL;
ALTER TABLE approval FORCE ROW LEVEL SECURITY;
ALTER TABLE approval ADD CONSTRAINT approval_revocation_has_state
  CHECK ((revoked_by IS NULL) = (revocation_state IS NULL));
