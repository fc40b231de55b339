-- Users, plans, subscriptions and what is used of them.
--
-- Lock order everywhere: user lane (advisory lock) -> recording -> tasks -> ready/lease/scheduled -> usage.
-- The lane is the user's small number, because advisory locks take no uuid.

CREATE TABLE IF NOT EXISTS leap.users (
    id         uuid PRIMARY KEY DEFAULT leap.uuid7(),
    lane       int GENERATED ALWAYS AS IDENTITY UNIQUE,
    email      text NOT NULL CHECK (email ~ '^[^@\s]+@[^@\s]+$' AND length(email) <= 254),
    full_name  text CHECK (length(full_name) <= 255),
    role       text NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'admin')),
    is_active  boolean NOT NULL DEFAULT true,
    timezone   text NOT NULL DEFAULT 'UTC',
    config     jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(config) = 'object'),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX IF NOT EXISTS users_email ON leap.users (lower(email));
COMMENT ON TABLE leap.users IS 'The tenants. Each owns its recordings and their limits.';
COMMENT ON COLUMN leap.users.lane IS 'Small number of the user: advisory locks, storage folders, fairness.';

-- A limits object names quotas of leap.quotas(): a whole number >= 0 is the limit (0 lets nothing in), "unlimited"
-- says so, and null says nothing, like a key that is not there: the next layer decides.
CREATE OR REPLACE FUNCTION leap.valid_limits(limits jsonb)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_typeof(limits) = 'object' AND NOT EXISTS (
        SELECT FROM jsonb_each(limits) l
        WHERE l.key NOT IN (SELECT quota FROM leap.quotas())
           OR NOT (l.value IN ('null', '"unlimited"')
                   OR (jsonb_typeof(l.value) = 'number' AND l.value::text ~ '^\d{1,18}$')))
$$;
COMMENT ON FUNCTION leap.valid_limits(jsonb) IS
'Whether every key is a quota and every value a whole number >= 0, "unlimited", or null (inherit).';

-- How long a user keeps what; what he does not say is as leap.retention_of() has it (79_retention.sql).
CREATE OR REPLACE FUNCTION leap.retention_rules()
RETURNS TABLE (key text, lowest int, highest int, setting text, standard int, description text) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    VALUES ('soft_delete_days',    0, 3650, 'leap.deleted_days', NULL::int, 'days for which a deleted recording can be restored; then its files go'),
           ('hard_delete_days',    0, 3650, 'leap.purged_days',  NULL, 'days after that for which what was said is kept; then nothing of it is left'),
           ('media_days',          1, 36500, NULL, NULL, 'days after the last run of a published recording for which its sound and pictures are kept; none: always'),
           ('expire_after_days',   1, 36500, NULL, NULL, 'days after which a recording is deleted by itself; none: never'),
           ('expire_warning_days', 1, 365,  NULL, 7,    'days before that on which its owner is told')
$$;
COMMENT ON FUNCTION leap.retention_rules() IS
'What a user can say of how long things are kept: key, its bounds, the setting or the number that holds where he says nothing (neither: no end), and what it means.';

CREATE OR REPLACE FUNCTION leap.valid_retention(retention jsonb)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_typeof(retention) = 'object' AND NOT EXISTS (
        SELECT FROM jsonb_each(retention) d LEFT JOIN leap.retention_rules() r ON r.key = d.key
        WHERE r.key IS NULL OR jsonb_typeof(d.value) <> 'number' OR d.value::text !~ '^\d{1,5}$' OR d.value::int NOT BETWEEN r.lowest AND r.highest)
$$;
COMMENT ON FUNCTION leap.valid_retention(jsonb) IS 'Whether every key is one of leap.retention_rules() and every value a whole number within its bounds.';
ALTER TABLE leap.users ADD COLUMN IF NOT EXISTS retention jsonb NOT NULL DEFAULT '{}' CHECK (leap.valid_retention(retention));
COMMENT ON COLUMN leap.users.retention IS 'How long he keeps what (leap.retention_rules()), in days; a key that is missing is as the system has it.';

CREATE TABLE IF NOT EXISTS leap.subscription_plans (
    id           uuid PRIMARY KEY DEFAULT leap.uuid7(),
    name         text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9_-]{1,50}$'),
    display_name text NOT NULL,
    description  text,
    limits       jsonb NOT NULL DEFAULT '{}' CHECK (leap.valid_limits(limits)),
    is_active    boolean NOT NULL DEFAULT true,
    created_at   timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE leap.subscription_plans IS
'Named sets of limits. One that is not active takes no new subscribers; those it has keep it.';

CREATE TABLE IF NOT EXISTS leap.user_subscriptions (
    user_id       uuid PRIMARY KEY REFERENCES leap.users ON DELETE CASCADE,
    plan_id       uuid REFERENCES leap.subscription_plans ON DELETE RESTRICT,
    custom_limits jsonb NOT NULL DEFAULT '{}' CHECK (leap.valid_limits(custom_limits)),
    starts_at     timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz,
    notes         text
);
CREATE INDEX IF NOT EXISTS user_subscriptions_by_plan ON leap.user_subscriptions (plan_id);
COMMENT ON TABLE leap.user_subscriptions IS
'The plan of a user and overrides of its limits. Before starts_at and after expires_at neither counts: the defaults of the installation hold.';

CREATE TABLE IF NOT EXISTS leap.quota_usage (
    user_id  uuid NOT NULL REFERENCES leap.users ON DELETE CASCADE,
    quota    text NOT NULL,
    period   date NOT NULL,
    used     bigint NOT NULL DEFAULT 0 CHECK (used >= 0),
    PRIMARY KEY (user_id, quota, period)
) WITH (fillfactor = 50);
COMMENT ON TABLE leap.quota_usage IS
'What a user uses of a quota: per calendar month in UTC, or (period 1970-01-01) at this moment. Kept by leap.quota_guard(). What running tasks will use is not here: it follows from their leases (leap.quota_reserved).';

-- Databases of the first months: reservations were a column, and null said unlimited.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'leap.quota_usage'::regclass AND attname = 'reserved' AND NOT attisdropped) THEN
        UPDATE leap.subscription_plans p SET limits = (SELECT jsonb_object_agg(l.key, coalesce(nullif(l.value, 'null'), '"unlimited"')) FROM jsonb_each(p.limits) l)
        WHERE p.limits <> '{}';
        UPDATE leap.user_subscriptions s SET custom_limits = (SELECT jsonb_object_agg(l.key, coalesce(nullif(l.value, 'null'), '"unlimited"')) FROM jsonb_each(s.custom_limits) l)
        WHERE s.custom_limits <> '{}';
        ALTER TABLE leap.quota_usage DROP COLUMN reserved CASCADE;
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION leap.this_month()
RETURNS date LANGUAGE sql STABLE AS $$
    SELECT date_trunc('month', leap.clock() AT TIME ZONE 'UTC')::date
$$;
COMMENT ON FUNCTION leap.this_month() IS 'The first day of the current month in UTC: the period monthly quotas count in.';

CREATE TABLE IF NOT EXISTS leap.usage_events (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    user_id      uuid NOT NULL REFERENCES leap.users ON DELETE CASCADE,
    event        text NOT NULL CHECK (event IN ('transcription')),
    recording_id uuid NOT NULL,
    task_id      bigint NOT NULL UNIQUE,
    seconds      bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS usage_events_by_user ON leap.usage_events (user_id, at);
CREATE INDEX IF NOT EXISTS usage_events_by_task ON leap.usage_events (task_id);
-- Once a row was a transcription as long as its lecture, one a task.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'leap.usage_events'::regclass AND attname = 'provider') THEN
        ALTER TABLE leap.usage_events DROP CONSTRAINT usage_events_event_check, DROP CONSTRAINT usage_events_task_id_key,
            ADD CONSTRAINT usage_events_event_check CHECK (event IN ('transcription', 'topics')),
            ADD COLUMN provider text, ADD COLUMN requests bigint NOT NULL DEFAULT 0 CHECK (requests >= 0),
            ADD COLUMN audio_seconds numeric NOT NULL DEFAULT 0,
            ADD COLUMN input_tokens bigint NOT NULL DEFAULT 0 CHECK (input_tokens >= 0),
            ADD COLUMN output_tokens bigint NOT NULL DEFAULT 0 CHECK (output_tokens >= 0),
            ADD COLUMN transcriptions smallint NOT NULL DEFAULT 1, ADD COLUMN cost numeric;
        ALTER TABLE leap.usage_events ALTER COLUMN transcriptions SET DEFAULT 0, ALTER COLUMN seconds SET DEFAULT 0;
        UPDATE leap.usage_events SET audio_seconds = seconds;
    END IF;
    IF EXISTS (SELECT FROM pg_constraint WHERE conrelid = 'leap.usage_events'::regclass AND conname = 'usage_events_seconds_check') THEN
        -- nothing was taken off again
        ALTER TABLE leap.usage_events DROP CONSTRAINT usage_events_seconds_check, DROP CONSTRAINT IF EXISTS usage_events_audio_seconds_check,
            DROP CONSTRAINT IF EXISTS usage_events_cost_check;
    END IF;
END
$$;
COMMENT ON TABLE leap.usage_events IS
'What providers were asked for, whatever became of it: a row each time a task asked for more, or (below 0) sound is taken off because it was refused or never sent (leap.record_usage). seconds and transcriptions are what counts for the quotas; cost is in leap.currency, null if the provider has no price.';
