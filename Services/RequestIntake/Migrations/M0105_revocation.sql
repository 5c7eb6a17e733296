-- An approver takes back what was approved.
ALTER TABLE request
  DROP CONSTRAINT request_kind_check,
  ADD CONSTRAINT request_kind CHECK (kind IN ('userAdd', 'userUpdate', 'userRemove', 'adminAdd', 'adminUpdate',
    'adminRemove', 'systemAdd', 'systemUpdate', 'systemRemove', 'approverRemove'));
