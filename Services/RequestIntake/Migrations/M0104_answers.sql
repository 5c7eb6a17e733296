-- What the requestor answered to the policy's questions, with the names of the API; null for nothing.
ALTER TABLE request ADD COLUMN answers jsonb;

-- An approver takes back what was approved.
ALTER TABLE request
  DROP CONSTRAINT request_kind_check,
  ADD CONSTRAINT request_kind CHECK (kind IN ('userAdd', 'userUpdate', 'userRemove', 'adminAdd', 'adminUpdate',
    'adminRemove', 'systemAdd', 'systemUpdate', 'systemRemove', 'approverRemove'));
