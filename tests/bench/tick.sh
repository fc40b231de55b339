#!/bin/bash
# tests/bench/tick.sh [ROUNDS]
#     How long a tick takes with 10,000 automation jobs of 500 users of which 100 are due: each gets
#     its run and asks a source. Beside it: with none due, and what a worker asks with every look.
#
# Times are those of the server, in milliseconds: the least and the median of all rounds. Every round has other jobs due.
# shellcheck source=tests/bench/server.bash
. "$(dirname "$0")/server.bash"

rounds=${1:-10}

fill()
{
    sql >/dev/null <<'SQL'
SET synchronous_commit = off;
CREATE OR REPLACE FUNCTION leap.clock() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT timestamptz '2026-03-01 12:00+00' $$;
CREATE SCHEMA bench;
CREATE TABLE bench.times (what text, ms float8);
SELECT count(leap.add_user(format('bench%s@example.org', i))) FROM generate_series(1, 500) i;
SELECT leap.add_template('{"name": "any", "matching_rules": {"keywords": ["lecture"]}}', email),
       leap.add_source('{"name": "list", "source_type": "URL_LIST", "config": {"urls": ["https://example.org/a.mp4"]}}', email) FROM leap.users;
-- none is due by itself: every minute of the day has some, and the clock stands
SELECT count(leap.add_job(jsonb_build_object('name', 'job ' || k, 'schedule_config', jsonb_build_object('type', 'cron',
    'expression', format('%s %s * * *', (u.lane * 20 + k) % 60, 1 + (u.lane * 20 + k) / 60 % 10))), u.email)) FROM leap.users u, generate_series(1, 20) k;
CREATE FUNCTION bench.timed(name text, statement text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    began timestamptz := clock_timestamp();
BEGIN
    EXECUTE statement;
    INSERT INTO bench.times VALUES (name, extract(epoch FROM clock_timestamp() - began) * 1000);
END
$$;
SELECT leap.tick();
SQL
    sql -c 'VACUUM ANALYZE'
}

measure()
{
    for ((round = 0; round < rounds; round++))
    do
        # a session of its own, as pg_cron has it
        sql >/dev/null <<SQL
SELECT bench.timed('a tick, none due', 'SELECT leap.tick()');
UPDATE leap.automation_jobs SET next_run_at = leap.clock() WHERE id IN (SELECT id FROM leap.automation_jobs ORDER BY id OFFSET $round * 100 LIMIT 100);
SELECT bench.timed('a worker''s look', 'SELECT leap.automation_waits()');
SELECT bench.timed('a tick, 100 due', 'SELECT leap.tick()');
SQL
    done
}

fill
measure
sql -F ' | ' -c "SELECT what, round(min(ms)::numeric, 1) AS least, round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)::numeric, 1) AS median FROM bench.times GROUP BY what ORDER BY what"
sql -c "SELECT count(*) || ' jobs, ' || (SELECT count(*) FROM leap.automation_runs) || ' runs begun' FROM leap.automation_jobs"
