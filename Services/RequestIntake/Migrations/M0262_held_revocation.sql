-- Which revocation of a request's approval waits, or waited, for a second administrator: what was taken back until then has
-- been asked.
ALTER TABLE request ADD COLUMN held_revocation_at timestamptz;
ALTER TABLE request NO FORCE ROW LEVEL SECURITY;
ALTER TABLE confirmation NO FORCE ROW LEVEL SECURITY;
UPDATE request AS r SET held_revocation_at = c.asked_at
FROM confirmation c WHERE c.id = r.revocation_confirmation AND c.tenant = r.tenant;
ALTER TABLE confirmation FORCE ROW LEVEL SECURITY;
ALTER TABLE request FORCE ROW LEVEL SECURITY;
