-- Tasks: the truth in leap.tasks, the physical state in narrow tables that rows only enter and leave.
--
-- No foreign keys and no index on a column that claim or complete changes, so that every such update stays
-- HOT. The lease row is the slot of a limit: there is no counter that could drift.

CREATE TABLE IF NOT EXISTS leap.queues (
    queue     text PRIMARY KEY,
    paused_at timestamptz,
    reason    text,
    paused_by text
);
COMMENT ON TABLE leap.queues IS 'Queues an operator paused; one without a row runs.';

CREATE TABLE IF NOT EXISTS leap.tasks (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id       uuid,
    recording_id uuid,
    user_id      uuid NOT NULL,
    lane         int NOT NULL,
    kind         text NOT NULL,
    queue        text NOT NULL,
    stage        text,
    target_id    uuid,
    state        text NOT NULL CHECK (leap.fsm_known('task', state)),
    prio         smallint NOT NULL DEFAULT 0,
    deps_left    smallint NOT NULL DEFAULT 0 CHECK (deps_left >= 0),
    attempt      smallint NOT NULL DEFAULT 0,
    failures     smallint NOT NULL DEFAULT 0,
    rescues      smallint NOT NULL DEFAULT 0,
    fence        bigint NOT NULL DEFAULT 0,
    worker_id    uuid,
    progress     smallint NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
    current_step text,
    checkpoint   jsonb,
    result       jsonb,
    error        jsonb,
    skip_reason  text,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at   timestamptz,
    finished_at  timestamptz
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
        autovacuum_vacuum_cost_delay = 0);
CREATE INDEX IF NOT EXISTS tasks_by_run ON leap.tasks (run_id);
CREATE INDEX IF NOT EXISTS tasks_by_recording ON leap.tasks (recording_id);
CREATE INDEX IF NOT EXISTS tasks_by_user ON leap.tasks (user_id, id);
ALTER TABLE leap.tasks ADD COLUMN IF NOT EXISTS input_hash bytea;
ALTER TABLE leap.tasks ADD COLUMN IF NOT EXISTS subject uuid;
COMMENT ON COLUMN leap.tasks.subject IS 'What a task without a recording works for, by its kind (51_errands.sql).';
COMMENT ON COLUMN leap.tasks.input_hash IS 'What the task starts from (leap.possible_tasks()); goes to what it makes.';
COMMENT ON TABLE leap.tasks IS
'The units workers claim. attempt counts claims, failures count towards the maximum of the kind, rescues towards quarantine.';

CREATE TABLE IF NOT EXISTS leap.task_ready (
    queue        text NOT NULL,
    lane         int NOT NULL,
    prio         smallint NOT NULL,
    seq          bigint GENERATED ALWAYS AS IDENTITY,
    task         bigint NOT NULL UNIQUE,
    recording_id uuid,
    counted      boolean NOT NULL,
    PRIMARY KEY (queue, lane, prio, seq)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
-- few rows: what a user at his limit of counted tasks may still start is found without reading his backlog
CREATE INDEX IF NOT EXISTS task_ready_uncounted ON leap.task_ready (queue, lane) WHERE NOT counted;
COMMENT ON TABLE leap.task_ready IS 'Tasks that can be claimed, in the order they are.';

CREATE TABLE IF NOT EXISTS leap.task_lease (
    task      bigint PRIMARY KEY,
    fence     bigint NOT NULL,
    worker_id uuid NOT NULL,
    lane      int NOT NULL,
    counted   boolean NOT NULL,
    deadline  timestamptz NOT NULL,
    no        bigint GENERATED ALWAYS AS IDENTITY,
    bytes     bigint NOT NULL DEFAULT 0,
    seconds   bigint NOT NULL DEFAULT 0
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE leap.task_lease ADD COLUMN IF NOT EXISTS no bigint GENERATED ALWAYS AS IDENTITY,
    ADD COLUMN IF NOT EXISTS bytes bigint NOT NULL DEFAULT 0, ADD COLUMN IF NOT EXISTS seconds bigint NOT NULL DEFAULT 0;
DROP INDEX IF EXISTS leap.task_lease_lane;
CREATE INDEX IF NOT EXISTS task_lease_by_lane ON leap.task_lease (lane, no);
DROP INDEX IF EXISTS leap.task_lease_worker;
COMMENT ON TABLE leap.task_lease IS
'Claims in force: the fence proves one. A row here is a used slot of its user; no ascends within a lane, see leap.lease_floor(). bytes and seconds are what it has reserved of storage and transcription.';

CREATE TABLE IF NOT EXISTS leap.task_scheduled (
    run_at       timestamptz NOT NULL,
    task         bigint NOT NULL UNIQUE,
    recording_id uuid,
    PRIMARY KEY (run_at, task)
);
COMMENT ON TABLE leap.task_scheduled IS 'Tasks that wait for their time: retries and delays.';

CREATE TABLE IF NOT EXISTS leap.task_edge (
    from_task bigint NOT NULL,
    to_task   bigint NOT NULL,
    PRIMARY KEY (from_task, to_task)
);
COMMENT ON TABLE leap.task_edge IS 'to_task waits for from_task.';

CREATE TABLE IF NOT EXISTS leap.workers (
    id            uuid PRIMARY KEY DEFAULT leap.uuid7(),
    no            int GENERATED ALWAYS AS IDENTITY UNIQUE,
    name          text NOT NULL,
    secret_hash   bytea NOT NULL,
    protocol      int NOT NULL,
    queues        text[] NOT NULL,
    slots         int NOT NULL CHECK (slots BETWEEN 1 AND 1024),
    info          jsonb NOT NULL DEFAULT '{}',
    registered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    beat_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    gone_at       timestamptz,
    stopped_at    timestamptz
) WITH (fillfactor = 50);
ALTER TABLE leap.workers ADD COLUMN IF NOT EXISTS room jsonb NOT NULL DEFAULT '{}';
COMMENT ON TABLE leap.workers IS
'Worker processes, a row per start. room: how many tasks of a queue it runs at the same time, for queues that have a number of their own. Each holds an advisory lock for the life of its session, so that its end is seen at once.';

CREATE TABLE IF NOT EXISTS leap.task_events (
    at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    entity       text NOT NULL,
    recording_id uuid,
    user_id      uuid,
    task         bigint,
    target_id    uuid,
    kind         text,
    from_state   text,
    to_state     text NOT NULL,
    event        text,
    attempt      smallint,
    worker_id    uuid,
    fence16      int,
    who          text,
    error        jsonb
) PARTITION BY RANGE (at);
ALTER TABLE leap.task_events ADD COLUMN IF NOT EXISTS fence16 int, ADD COLUMN IF NOT EXISTS who text, ADD COLUMN IF NOT EXISTS error jsonb,
    ADD COLUMN IF NOT EXISTS xact xid8;
CREATE TABLE IF NOT EXISTS leap.task_events_default PARTITION OF leap.task_events DEFAULT;
CREATE INDEX IF NOT EXISTS task_events_by_recording ON leap.task_events (recording_id, at);
COMMENT ON TABLE leap.task_events IS
'History: every move of a task, recording or target: from, to, the event that made it, attempt, worker, the last 16 bits of the fence, the role that asked (who), the error that came with it, and the transaction that wrote it (xact). Append-only, a partition a month.';

CREATE TABLE IF NOT EXISTS leap.bells (
    ringer   text PRIMARY KEY CHECK (ringer IN ('cron', 'worker', 'hand')),
    rung_at  timestamptz NOT NULL,
    report   jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE leap.bells IS 'When leap.tick() was last rung by whom, and what it did.';
