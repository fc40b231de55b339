-- What keeps tasks from running into a platform: rate limits, their token buckets, and circuits.
--
-- A platform is what a task talks to: for an upload the type of its target in lower case (library), for a download the
-- type of its source (file), with the host where there is one (url:example.org, url:example.org:8080), for a transcription or
-- an outline that is asked for by HTTP the provider (speech:whisper, outline:deepseek). Other kinds have none. What must wait for a platform waits in leap.task_scheduled, which says for what: a gate is a bucket or a circuit.

CREATE TABLE IF NOT EXISTS leap.rate_limits (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    platform text NOT NULL CHECK (platform ~ '^[a-z0-9_]+(:\S+)?$' AND platform = lower(platform)),
    scope    text NOT NULL DEFAULT 'platform' CHECK (scope IN ('platform', 'credential', 'user')),
    tokens   int NOT NULL CHECK (tokens > 0),
    per      interval NOT NULL CHECK (per BETWEEN '10 ms' AND '31 days'),
    burst    int CHECK (burst > 0),
    UNIQUE (platform, scope, per)
);
COMMENT ON TABLE leap.rate_limits IS
'How many tasks may start at a platform: so many tokens per interval, at most burst (null: tokens) at once, counted for the whole platform, for each credential or for each user. A platform without a host (url) means each of its hosts by itself, unless a row of the same scope names the host. All rows that fit must allow a start. Operators may add, change and delete rows.';

CREATE SEQUENCE IF NOT EXISTS leap.gate_ids;
COMMENT ON SEQUENCE leap.gate_ids IS 'Ids of buckets and circuits, so that one number names what a task waits for.';

CREATE TABLE IF NOT EXISTS leap.rate_buckets (
    id       bigint PRIMARY KEY DEFAULT nextval('leap.gate_ids'),
    limit_id bigint NOT NULL,
    platform text NOT NULL,
    key      text NOT NULL,
    tokens   double precision NOT NULL CHECK (tokens >= 0),
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (limit_id, platform, key)
) WITH (fillfactor = 50);
COMMENT ON TABLE leap.rate_buckets IS
'What is left of each limit: the tokens there were at a moment; they grow with time. key is the credential, the lane of the user, or empty. A bucket without a row is full.';

CREATE TABLE IF NOT EXISTS leap.circuits (
    id           bigint PRIMARY KEY DEFAULT nextval('leap.gate_ids'),
    platform     text NOT NULL,
    credential   text NOT NULL DEFAULT '',
    state        text NOT NULL DEFAULT 'closed' CHECK (state IN ('closed', 'open', 'half_open')),
    failed_tasks bigint[] NOT NULL DEFAULT '{}',
    failed_times timestamptz[] NOT NULL DEFAULT '{}',
    opened_at    timestamptz,
    opened_times int NOT NULL DEFAULT 0,
    retry_at     timestamptz,
    probe        bigint,
    paused_until timestamptz,
    error        jsonb,
    UNIQUE (platform, credential),
    CHECK ((state = 'closed') = (retry_at IS NULL)),
    CHECK ((state = 'half_open') = (probe IS NOT NULL))
) WITH (fillfactor = 50);
CREATE INDEX IF NOT EXISTS circuits_in_the_way ON leap.circuits (id) WHERE state <> 'closed' OR paused_until IS NOT NULL;
COMMENT ON TABLE leap.circuits IS
'Platforms and credentials (empty: none) in trouble: recent failures in a row, an open circuit breaker, or a pause the platform asked for. Without a row all is well. People read leap.breakers.';

ALTER TABLE leap.task_scheduled ADD COLUMN IF NOT EXISTS lane int, ADD COLUMN IF NOT EXISTS gate text,
    ADD COLUMN IF NOT EXISTS gate_id bigint, ADD COLUMN IF NOT EXISTS reason text;
CREATE INDEX IF NOT EXISTS task_scheduled_by_lane ON leap.task_scheduled (gate_id, lane, run_at) WHERE gate_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS task_scheduled_by_gate ON leap.task_scheduled (gate_id, run_at) WHERE gate_id IS NOT NULL;
COMMENT ON TABLE leap.task_scheduled IS
'Tasks that wait for their time: retries, delays, and those a gate holds back: limit, pause or breaker, by the id of its bucket or circuit, with the reason in words.';
