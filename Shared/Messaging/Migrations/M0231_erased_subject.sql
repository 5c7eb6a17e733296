-- People of whom nothing but the id is known any more, so that late events bring nothing back; and when what such events
-- have left is erased next. Ids only, so no row policy: it is gone through before the tenants are known.
CREATE TABLE erased_subject (
  subject uuid NOT NULL,
  tenant uuid NOT NULL,
  -- All requests that were ever made for the person.
  requests uuid[] NOT NULL,
  erased_at timestamptz NOT NULL,
  next_at timestamptz,
  PRIMARY KEY (subject, tenant)
);
CREATE INDEX erased_subject_next ON erased_subject (next_at) WHERE next_at IS NOT NULL;
