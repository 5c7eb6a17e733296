-- The policy under which the access of an add request is held by now; null: the one that it was asked for under. Which
-- updates there are is the code's to say.
ALTER TABLE request ADD COLUMN held_policy uuid;
ALTER TABLE request DROP CONSTRAINT IF EXISTS request_changes_check;
