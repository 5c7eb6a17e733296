-- When access really ended: what is kept after it is counted from there.
ALTER TABLE request ADD COLUMN assignment_ended_at timestamptz;
