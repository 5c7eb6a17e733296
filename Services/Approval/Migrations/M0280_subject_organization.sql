-- Where people belong: a partner's sponsor who belongs elsewhere by now is not found. A copy of what request-intake owns;
-- `republish` fills it.
ALTER TABLE subject_copy ADD COLUMN organization uuid;
