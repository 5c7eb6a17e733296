-- What the requestor answered to the policy's questions, with the names of the API; null for nothing.
ALTER TABLE request ADD COLUMN answers jsonb;
