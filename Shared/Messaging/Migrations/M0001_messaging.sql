-- What every service's schema has: the epoch of its versions, outbox, inbox, deadlines.

CREATE TABLE epoch (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  value integer NOT NULL CHECK (value > 0)
);
INSERT INTO epoch (value) VALUES (1);

-- One row is what one transaction told. It goes when the broker has confirmed all of it.
CREATE TABLE outbox (
  id uuid PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  leased_until timestamptz NOT NULL DEFAULT '-infinity',
  epoch integer NOT NULL,
  events bytea NOT NULL
);
ALTER TABLE outbox ALTER COLUMN events SET STORAGE EXTERNAL;

-- Which events were folded, by their UUIDv7, a partition a day.
CREATE TABLE inbox (event uuid PRIMARY KEY) PARTITION BY RANGE (event);
CREATE TABLE inbox_default PARTITION OF inbox DEFAULT;

CREATE FUNCTION uuid_at(moment timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT rpad(lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0'), 32, '0')::uuid
$$;

-- Makes the partitions of the last 30 days and the next 7, drops older ones. Runs as the owner, so that a
-- service's role, which may only read and write rows, can keep its inbox.
CREATE FUNCTION keep_inbox(today date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  day date;
  name text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('keep_inbox' || current_schema()));
  FOR day IN SELECT generate_series(today - 31, today + 7, interval '1 day')::date LOOP
    name := 'inbox_' || to_char(day, 'YYYYMMDD');
    IF to_regclass(name) IS NULL THEN
      EXECUTE format('CREATE TABLE %I PARTITION OF inbox FOR VALUES FROM (%L) TO (%L)', name,
        uuid_at(day::timestamp AT TIME ZONE 'UTC'), uuid_at((day + 1)::timestamp AT TIME ZONE 'UTC'));
    END IF;
  END LOOP;
  FOR name IN
    SELECT relname FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relname ~ '^inbox_\d{8}$'
      AND relname < 'inbox_' || to_char(today - 31, 'YYYYMMDD')
  LOOP
    EXECUTE format('DROP TABLE %I', name);
  END LOOP;
END $$;
SELECT keep_inbox((now() AT TIME ZONE 'UTC')::date);

-- What falls due, an aggregate a row. A fired or retired one keeps its row with no due_at, so that a late older
-- event can not arm it again. Holds ids only, so it has no row-level security: it is claimed before the tenant
-- is known.
CREATE TABLE deadline (
  aggregate uuid PRIMARY KEY,
  kind text NOT NULL,
  tenant uuid NOT NULL,
  epoch integer NOT NULL,
  version bigint NOT NULL,
  due_at timestamptz,
  ends_at timestamptz
) WITH (fillfactor = 85);
CREATE INDEX deadline_due ON deadline (due_at) WHERE due_at IS NOT NULL;
