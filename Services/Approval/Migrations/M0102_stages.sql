-- One to three stages instead of one decision: what each takes, when it opened and who has decided, in `stages`, with
-- the names of the API. The columns beside it say what lists ask for of the stage that waits: its place, whether it was
-- escalated, and who has decided it already. `answers` are the requestor's, for those who decide.
ALTER TABLE approval
  ADD COLUMN stage smallint NOT NULL DEFAULT 0 CHECK (stage BETWEEN 0 AND 2),
  ADD COLUMN is_escalated boolean NOT NULL DEFAULT false,
  ADD COLUMN deciders uuid[] NOT NULL DEFAULT '{}',
  ADD COLUMN stages jsonb,
  ADD COLUMN answers jsonb NOT NULL DEFAULT '[]';

-- All tenants' rows at once, which the owner may otherwise not see either.
ALTER TABLE approval NO FORCE ROW LEVEL SECURITY;
UPDATE approval SET stages = jsonb_build_array(jsonb_build_object(
  'durationBeforeAutomaticDenial', 'PT' || extract(epoch FROM expires_at - opened_at)::bigint || 'S',
  'approvalsRequired', 1,
  'openedAt', to_char(opened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
  'decisions', CASE WHEN decided_by IS NULL THEN '[]' ELSE jsonb_build_array(jsonb_build_object(
    'verdict', CASE state WHEN 'approved' THEN 'approve' ELSE 'deny' END,
    'decidedBy', decided_by,
    'capacity', decided_as,
    'justification', decision_justification,
    'decidedAt', to_char(decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))) END));

ALTER TABLE approval FORCE ROW LEVEL SECURITY;

ALTER TABLE approval
  ALTER COLUMN stages SET NOT NULL,
  DROP COLUMN expires_at,
  DROP COLUMN decided_by,
  DROP COLUMN decided_as,
  DROP COLUMN decision_justification,
  DROP COLUMN decided_at;

DROP INDEX approval_pending;
CREATE INDEX approval_pending ON approval (assignment_policy, organization, stage, opened_at, id)
  WHERE state = 'pending';
