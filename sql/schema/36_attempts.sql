-- What statistics and metrics are made of: how each attempt at a task went, and totals that only grow.
--
-- Nothing here is written while tasks are claimed and reported. The chore leap.roll_statistics() reads what has happened
-- since (leap.task_events, by its time) and adds it up: 82_attempts.sql.

-- the order of the rows is nearly that of time, so an index of ranges of pages is enough and costs a writer next to nothing
CREATE INDEX IF NOT EXISTS task_events_by_time ON leap.task_events USING brin (at) WITH (pages_per_range = 32, autosummarize = on);

CREATE TABLE IF NOT EXISTS leap.task_attempts (
    at           timestamptz NOT NULL,
    task         bigint NOT NULL,
    attempt      smallint,
    user_id      uuid,
    recording_id uuid,
    kind         text NOT NULL,
    platform     text,
    outcome      text NOT NULL CHECK (outcome IN ('succeeded', 'failed', 'retried', 'rescued', 'handed_back', 'cancelled', 'skipped')),
    seconds      real CHECK (seconds >= 0),
    waited       real CHECK (waited >= 0),
    lecture      real,
    class        text,
    code         text,
    message      text
) PARTITION BY RANGE (at);
CREATE TABLE IF NOT EXISTS leap.task_attempts_default PARTITION OF leap.task_attempts DEFAULT;
CREATE INDEX IF NOT EXISTS task_attempts_by_time ON leap.task_attempts (at);
CREATE INDEX IF NOT EXISTS task_attempts_by_user ON leap.task_attempts (user_id, at);
-- few, and looked for by kind: examples of a failure must not read all that succeeded
CREATE INDEX IF NOT EXISTS task_attempts_failed ON leap.task_attempts (kind, at) WHERE outcome IN ('failed', 'retried');
COMMENT ON TABLE leap.task_attempts IS
'How each attempt at a task ended: when, the outcome (retried: failed and will be tried again), how many seconds it ran and had been ready before (null: not known), the length of the lecture, the platform it talked to (without a host), and of a failure class, code and message. At most a minute behind; a partition a month, kept as long as the history.';

CREATE TABLE IF NOT EXISTS leap.task_moves (
    kind       text NOT NULL,
    from_state text NOT NULL,
    to_state   text NOT NULL,
    event      text NOT NULL,
    total      bigint NOT NULL,
    PRIMARY KEY (kind, from_state, to_state, event)
) WITH (fillfactor = 50);
COMMENT ON TABLE leap.task_moves IS
'How many moves of tasks there have been since statistics are kept (from_state empty: made). Only grows, whatever is deleted.';

CREATE TABLE IF NOT EXISTS leap.task_levels (
    kind  text NOT NULL,
    state text NOT NULL,
    tasks bigint NOT NULL,
    PRIMARY KEY (kind, state)
) WITH (fillfactor = 50);
COMMENT ON TABLE leap.task_levels IS
'How many tasks of a kind are blocked, ready, scheduled or running: as of leap.statistics_state.rolled_to.';

CREATE TABLE IF NOT EXISTS leap.task_durations (
    kind    text NOT NULL,
    measure text NOT NULL CHECK (measure IN ('run', 'wait')),
    le      double precision NOT NULL,
    total   bigint NOT NULL,
    seconds double precision NOT NULL DEFAULT 0,
    PRIMARY KEY (kind, measure, le)
) WITH (fillfactor = 50);
COMMENT ON TABLE leap.task_durations IS
'Histograms that only grow: how many successful attempts ran (run), and how many attempts had been ready (wait), at most le seconds; the row le = Infinity counts all and has the sum of their seconds.';

CREATE TABLE IF NOT EXISTS leap.platform_calls (
    platform text NOT NULL,
    kind     text NOT NULL,
    outcome  text NOT NULL,
    total    bigint NOT NULL,
    PRIMARY KEY (platform, kind, outcome)
) WITH (fillfactor = 50);
COMMENT ON TABLE leap.platform_calls IS
'How many attempts talked to a kind of platform, and how they ended. Only grows.';

CREATE TABLE IF NOT EXISTS leap.statistics_state (
    one       boolean PRIMARY KEY DEFAULT true CHECK (one),
    rolled_to timestamptz,
    rolled_at timestamptz,
    quotas    jsonb NOT NULL DEFAULT '[]'
) WITH (fillfactor = 50);
INSERT INTO leap.statistics_state DEFAULT VALUES ON CONFLICT DO NOTHING;
COMMENT ON TABLE leap.statistics_state IS
'Up to which moment history is added up (rolled_to; null: not yet), when that was done last, and how many users are near their limits: [{"quota", "users", "near", "reached"}].';
