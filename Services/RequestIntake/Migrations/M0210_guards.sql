-- Whose approval was taken back while that waits for a second administrator: where it waits.
ALTER TABLE request ADD COLUMN revocation_confirmation uuid;
-- What was decided is forgotten after a while.
CREATE INDEX confirmation_decided ON confirmation (decided_at) WHERE decided_at IS NOT NULL;
