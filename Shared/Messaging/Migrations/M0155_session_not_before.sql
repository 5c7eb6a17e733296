-- People whose sessions were ended: tokens issued before the instant are refused. Ids only, so no row policy: it is read
-- as a whole, before a caller's tenant is known.
CREATE TABLE session_not_before (
  subject uuid NOT NULL,
  tenant uuid NOT NULL,
  not_before timestamptz NOT NULL,
  PRIMARY KEY (subject, tenant)
);
