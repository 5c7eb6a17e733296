-- Since when a person's accounts are blocked by an administrator's word, and before when their tokens are refused.
ALTER TABLE subject
  ADD COLUMN cut_off_at timestamptz,
  ADD COLUMN sessions_not_before timestamptz;
