# tests/bench/systems.bash
#     Sourced by chain.sh: how each system is prepared, filled, started, waited for and counted.
#
# shellcheck shell=bash
# shellcheck disable=SC2154 # chain.sh assigns them

settle_postgres()
{
    sql -d bench -c "VACUUM ANALYZE" -c CHECKPOINT
}

# ---------------------------------------------------------------- LEAP

# Eight users with limits on everything, so that every rule is asked.
prepare_leap()
{
    fresh_database "$DATABASE"
    sql -d bench >/dev/null <<'SQL'
INSERT INTO leap.user_subscriptions (user_id, custom_limits)
SELECT leap.add_user(format('user%s@example.org', i)),
       '{"recordings_per_month": 1000000, "storage_bytes": 1000000000000, "concurrent_tasks": 1000}'
FROM generate_series(1, 8) i;
ANALYZE;
SQL
}

fill_leap()
{
    sql -d bench >/dev/null <<SQL
SELECT count(leap.add_recording(format('user%s@example.org', i % 8 + 1),
                                '{"type": "url", "url": "https://example.org/lecture.mp4"}'))
FROM generate_series(1, $1) i;
SELECT count(*) FROM leap.operate('run', ARRAY(SELECT id FROM leap.recordings));
SQL
}

start_leap()
{
    local results=real

    [ "$1" != leap-empty ] || results=empty
    for ((w = 0; w < worker_count; w++))
    do
        start_worker "$client" chain-leap "$batch" $results
    done
}

settle_leap()
{
    settle_postgres
}

counters_leap()
{
    postgres_counters
}

wait_leap()
{
    "$client" until "SELECT NOT EXISTS (SELECT FROM leap.task_ready) AND NOT EXISTS (SELECT FROM leap.task_lease)
                     AND NOT EXISTS (SELECT FROM leap.runs WHERE state = 'active')"
}

check_leap()
{
    [ "$(sql -d bench -c "SELECT count(*) FROM leap.recordings WHERE status = 'UPLOADED'")" = "$1" ] ||
        fail "not every recording is UPLOADED" "$(sql -d bench -c 'SELECT status, hold, count(*) FROM leap.recordings GROUP BY 1, 2')"
}

# ---------------------------------------------------------------- a table and SKIP LOCKED, no rule

prepare_bare()
{
    fresh_database template1
    sql -d bench >/dev/null <<'SQL'
CREATE SCHEMA bench;
CREATE TABLE bench.job (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, item int NOT NULL, step smallint NOT NULL,
                        taken boolean NOT NULL DEFAULT false) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0);
CREATE INDEX ON bench.job (id) WHERE NOT taken;
CREATE TABLE bench.finished (item int NOT NULL);
CREATE FUNCTION bench.take(wanted int) RETURNS bigint[] LANGUAGE sql AS $$
    WITH t AS (UPDATE bench.job SET taken = true
               WHERE id = ANY (ARRAY(SELECT id FROM bench.job WHERE NOT taken ORDER BY id LIMIT wanted FOR UPDATE SKIP LOCKED))
               RETURNING id)
    SELECT array_agg(id) FROM t
$$;
CREATE FUNCTION bench.finish(ids bigint[]) RETURNS void LANGUAGE sql AS $$
    WITH d AS (DELETE FROM bench.job WHERE id = ANY (ids) RETURNING item, step),
         n AS (INSERT INTO bench.job (item, step) SELECT item, step + 1 FROM d WHERE step < 6)
    INSERT INTO bench.finished SELECT item FROM d WHERE step = 6
$$;
SQL
}

fill_bare()
{
    sql -d bench -c "INSERT INTO bench.job (item, step) SELECT i, 1 FROM generate_series(1, $1) i"
}

start_bare()
{
    for ((w = 0; w < worker_count; w++))
    do
        start_worker "$client" chain-bare "$batch"
    done
}

settle_bare()
{
    settle_postgres
}

counters_bare()
{
    postgres_counters
}

wait_bare()
{
    "$client" until "SELECT NOT EXISTS (SELECT FROM bench.job)"
}

check_bare()
{
    [ "$(sql -d bench -c "SELECT count(DISTINCT item) FROM bench.finished")" = "$1" ] || fail "not every item is finished"
}
