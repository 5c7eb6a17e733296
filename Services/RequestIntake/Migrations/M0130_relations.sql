-- To whom a member reports, and who answers for a person.
ALTER TABLE subject
  ADD COLUMN manager uuid,
  ADD COLUMN sponsors uuid[] NOT NULL DEFAULT '{}';
