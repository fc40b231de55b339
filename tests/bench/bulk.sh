#!/bin/bash
# tests/bench/bulk.sh [ROUNDS]
#     Starting runs of 10 and of 1,000 recordings by one call of leap.operate(): milliseconds, and
#     milliseconds a recording. That both take the same number of statements is a test (050).
#
# shellcheck source=tests/bench/server.bash
. "$(dirname "$0")/server.bash"

rounds=${1:-3}

sql >/dev/null <<SQL
SELECT leap.add_user('bench@example.org');
SELECT count(leap.add_recording('bench@example.org', '{"type":"url","url":"https://example.org/a.mp4"}', 'lecture ' || n))
FROM generate_series(1, 1010 * $rounds + 10) n;
ANALYZE;
CREATE SCHEMA bench;
CREATE TABLE bench.times (many int, ms float8);
CREATE FUNCTION bench.start(many int, noted boolean) RETURNS void LANGUAGE plpgsql AS \$\$
DECLARE
    ids uuid[] := ARRAY(SELECT id FROM leap.recordings WHERE status = 'INITIALIZED'
                        AND NOT EXISTS (SELECT FROM leap.runs r WHERE r.recording_id = recordings.id) ORDER BY id LIMIT many);
    began timestamptz := clock_timestamp();
BEGIN
    PERFORM FROM leap.operate('run', ids);
    INSERT INTO bench.times SELECT many, extract(epoch FROM clock_timestamp() - began) * 1000 WHERE noted;
END \$\$;
SQL
{
    echo "SELECT bench.start(10, false);"
    for ((round = 0; round < rounds; round++))
    do
        echo "SELECT bench.start(10, true); SELECT bench.start(1000, true);"
    done
} | sql >/dev/null
sql <<'SQL'
SELECT format('%s recordings: %s ms (least), %s ms (median), %s ms a recording', many, round(min(ms)::numeric, 1),
    round((percentile_cont(0.5) WITHIN GROUP (ORDER BY ms))::numeric, 1), round((min(ms) / many)::numeric, 2))
FROM bench.times GROUP BY many ORDER BY many;
SQL
