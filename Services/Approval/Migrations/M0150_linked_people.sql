-- Subjects that are one person share it; a copy of what request-intake owns.
ALTER TABLE subject_copy ADD COLUMN person uuid;
CREATE INDEX subject_copy_person ON subject_copy (person, tenant) WHERE person IS NOT NULL;
