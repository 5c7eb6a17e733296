-- Whether nobody but a sign-in says that this is the address, and proves nothing: it leads to nobody then. Of people who
-- were there before it is taken for proved.
ALTER TABLE subject ADD COLUMN is_email_claimed boolean NOT NULL DEFAULT false;
