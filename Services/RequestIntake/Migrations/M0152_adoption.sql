-- Whether a request takes a person's account and access under governance, though they were there before.
ALTER TABLE request ADD COLUMN adopts_guest boolean NOT NULL DEFAULT false;
