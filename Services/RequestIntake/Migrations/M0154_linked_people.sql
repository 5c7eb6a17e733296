-- Subjects that are one person share it; null for one by itself.
ALTER TABLE subject ADD COLUMN person uuid;
CREATE INDEX subject_person ON subject (person, tenant) WHERE person IS NOT NULL;
