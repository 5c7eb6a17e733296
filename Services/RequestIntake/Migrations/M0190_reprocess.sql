-- How often a request's delivery was begun anew after it had failed, and how often it was asserted anew.
ALTER TABLE request
  ADD COLUMN redeliveries bigint NOT NULL DEFAULT 0,
  ADD COLUMN assertions bigint NOT NULL DEFAULT 0;
