-- What a request of kind update changes (null: the schedule, as all did before), and what answers an assignment has by
-- now and when they were given, on the request that made it; null for those of the request itself.
ALTER TABLE request
  ADD COLUMN changes text CHECK (changes IN ('schedule', 'answers')),
  ADD COLUMN present_answers jsonb,
  ADD COLUMN present_answers_at timestamptz;

-- Which operations there are is the code's to say.
ALTER TABLE idempotency DROP CONSTRAINT IF EXISTS idempotency_operation_check;
