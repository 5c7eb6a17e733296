-- Subjects that are one person share it: a bar of one keeps what any of them was granted from being delivered.
ALTER TABLE subject_copy ADD COLUMN person uuid;
CREATE INDEX subject_copy_person ON subject_copy (person, tenant) WHERE person IS NOT NULL;
