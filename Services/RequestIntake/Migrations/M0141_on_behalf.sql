-- Asked by the partner's sponsor, which counts as the yes of the first stage.
ALTER TABLE request ADD COLUMN is_first_stage_given boolean NOT NULL DEFAULT false;
