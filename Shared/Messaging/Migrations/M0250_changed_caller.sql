-- About whom something was changed, lately: what is remembered of them as callers from before is asked anew. Ids only, so no
-- row policy: it is read before a caller's tenant is known.
CREATE TABLE changed_caller (
  subject uuid NOT NULL,
  tenant uuid NOT NULL,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (subject, tenant)
);
CREATE INDEX changed_caller_time ON changed_caller (changed_at);
