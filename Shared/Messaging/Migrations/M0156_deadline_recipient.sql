-- Who is told by a notice.
ALTER TABLE deadline ADD COLUMN recipient uuid;
