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

-- A limits object names quotas of leap.quotas(); a number is the limit, null is unlimited, absent passes on.
CREATE OR REPLACE FUNCTION leap.valid_limits(limits jsonb)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_typeof(limits) = 'object' AND NOT EXISTS (
        SELECT FROM jsonb_each(limits) l
        WHERE l.key NOT IN (SELECT quota FROM leap.quotas())
           OR NOT (jsonb_typeof(l.value) = 'null'
                   OR (jsonb_typeof(l.value) = 'number' AND l.value::text ~ '^\d{1,18}$')))
$$;
COMMENT ON FUNCTION leap.valid_limits(jsonb) IS
'Whether every key is a quota and every value a whole number >= 0 or null (unlimited).';

CREATE TABLE IF NOT EXISTS leap.subscription_plans (
    id           uuid PRIMARY KEY DEFAULT leap.uuid7(),
    name         text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9_-]{1,50}$'),
    display_name text NOT NULL,
    description  text,
    limits       jsonb NOT NULL DEFAULT '{}' CHECK (leap.valid_limits(limits)),
    is_active    boolean NOT NULL DEFAULT true,
    created_at   timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE leap.subscription_plans IS 'Named sets of limits.';

CREATE TABLE IF NOT EXISTS leap.user_subscriptions (
    user_id       uuid PRIMARY KEY REFERENCES leap.users ON DELETE CASCADE,
    plan_id       uuid REFERENCES leap.subscription_plans ON DELETE RESTRICT,
    custom_limits jsonb NOT NULL DEFAULT '{}' CHECK (leap.valid_limits(custom_limits)),
    starts_at     timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz,
    notes         text
);
COMMENT ON TABLE leap.user_subscriptions IS
'The plan of a user and overrides of its limits. After expires_at the defaults of the installation hold.';

CREATE TABLE IF NOT EXISTS leap.quota_usage (
    user_id  uuid NOT NULL REFERENCES leap.users ON DELETE CASCADE,
    quota    text NOT NULL,
    period   date NOT NULL,
    used     bigint NOT NULL DEFAULT 0 CHECK (used >= 0),
    reserved bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    PRIMARY KEY (user_id, quota, period)
) WITH (fillfactor = 50);
COMMENT ON TABLE leap.quota_usage IS
'What a user uses of a quota: per calendar month in UTC, or (period 1970-01-01) at this moment. Kept by leap.quota_guard().';
