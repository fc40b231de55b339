#!/bin/bash
# tests/bench/tasks.sh [SECONDS]
#     How many no-op tasks a second pass through the real functions claim and complete, with
#     1 and 4 workers and batches of 1 and 100, commits durable; beside a durable update of one
#     row by pgbench in the same cluster and run.
#
# Each round trip is a transaction of its own: claim, then complete. Tasks are of the kind
# maintain (no recording), eight users; history is written as always.
# shellcheck source=tests/bench/server.bash
. "$(dirname "$0")/server.bash"

seconds=${1:-10}

prepare()
{
    sql >/dev/null <<'SQL'
CREATE SCHEMA bench;
CREATE TABLE bench.counter (id int PRIMARY KEY, n bigint NOT NULL) WITH (fillfactor = 50);
INSERT INTO bench.counter SELECT i, 0 FROM generate_series(0, 3) i;
SELECT leap.add_user(format('bench%s@example.org', i)) FROM generate_series(1, 8) i;
CREATE TABLE bench.workers AS
    SELECT i AS client, (w->>'worker')::uuid AS worker, w->>'secret' AS secret
    FROM generate_series(0, 3) i, leap.register_worker('bench', 1, '{automation}', 100) w;
-- the sessions of these workers end here; only a heartbeat that is old would be missed
ALTER DATABASE leap SET leap.worker_timeout = '1h';
ALTER DATABASE leap SET leap.rescue_grace = '60s';
CREATE FUNCTION bench.fill(n int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE leap.tasks, leap.task_ready, leap.task_lease, leap.task_events;
    UPDATE leap.workers SET beat_at = clock_timestamp();
    WITH made AS (
        INSERT INTO leap.tasks (user_id, lane, kind, queue, state)
        SELECT u.id, u.lane, 'maintain', 'automation', leap.move('create', 'ready') FROM leap.users u, generate_series(1, n / 8) RETURNING *)
    INSERT INTO leap.task_ready (queue, lane, prio, task, counted) SELECT queue, lane, prio, id, false FROM made ORDER BY id;
    ANALYZE leap.tasks, leap.task_ready, leap.task_lease;
END $$;
SQL
    cat >"$LEAP_STATE/update.sql" <<'SQL'
UPDATE bench.counter SET n = n + 1 WHERE id = :client_id;
SQL
    cat >"$LEAP_STATE/task.sql" <<'SQL'
SELECT coalesce(jsonb_agg(jsonb_build_object('task', task, 'fence', fence, 'result', '{}'::jsonb)), '[]') AS reports
    FROM bench.workers w, leap.claim(w.worker, w.secret, :batch::int) WHERE w.client = :client_id \gset
SELECT count(*) FROM leap.complete(:reports::jsonb);
SQL
    chmod 644 "$LEAP_STATE"/*.sql
}

# tasks_a_second WORKERS BATCH
tasks_a_second()
{
    local workers=$1 batch=$2

    sql -c "SELECT bench.fill(200000)" -c CHECKPOINT >/dev/null
    rate -c "$workers" -j 1 -T "$seconds" -D batch="$batch" -f "$LEAP_STATE/task.sql" >/dev/null
    sql -c "SELECT round(count(*) / extract(epoch FROM max(finished_at) - min(started_at))) FROM leap.tasks WHERE state = 'succeeded'"
}

prepare
printf 'single-row durable UPDATE by pgbench, beside claim and complete of no-op tasks, %s s each\n' "$seconds"
printf '%-22s %12s %12s %12s\n' '' 'tasks/s' 'updates/s' 'ratio'
for workers in 1 4
do
    updates=$(rate -c "$workers" -j 1 -T "$seconds" -f "$LEAP_STATE/update.sql")
    for batch in 1 100
    do
        tasks=$(tasks_a_second "$workers" "$batch")
        printf '%-22s %12.0f %12.0f %12s\n' "$workers workers, batch $batch" "$tasks" "$updates" "$(ratio "$tasks" "$updates")"
    done
done
