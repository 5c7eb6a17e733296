-- Of the requests that wait, those that are granted and wait for their start alone: they cancel the deletion of their guest.
ALTER TABLE open_request ADD COLUMN is_scheduled boolean NOT NULL DEFAULT false;
