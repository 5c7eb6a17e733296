-- What falls due here.
ALTER TABLE deadline
  ADD CONSTRAINT deadline_kind CHECK (kind IN ('assignment', 'guest-block', 'guest-deletion')),
  ADD CONSTRAINT deadline_end CHECK (kind <> 'assignment' OR due_at IS NULL OR ends_at IS NOT NULL);
