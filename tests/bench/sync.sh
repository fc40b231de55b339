#!/bin/bash
# tests/bench/sync.sh [ITEMS]
#     What a sync that found 10,000 recordings costs the database: the statements that run, those inside of functions
#     included, and the seconds; when all are new, when all are known, when all have changed. Templates are matched, too.
server_settings=("shared_preload_libraries = 'leap,pg_stat_statements'" "pg_stat_statements.track = all")
# shellcheck source=tests/bench/server.bash
. "$(dirname "$0")/server.bash"

items=${1:-10000}

sql >/dev/null <<'SQL'
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
SELECT leap.add_user('sync@example.org');
INSERT INTO leap.recording_templates (user_id, name, matching_rules)
SELECT u.id, 'Course ' || i, jsonb_build_object('keywords', jsonb_build_array(format('course %s,', i))) FROM leap.users u, generate_series(1, 20) i;
SELECT leap.add_source('{"name": "list", "source_type": "URL_LIST", "config": {"url": "https://example.org/list"}}');
CREATE SCHEMA bench;
CREATE TABLE bench.worker AS SELECT (w->>'worker')::uuid AS worker, w->>'secret' AS secret FROM leap.register_worker('bench', 1, ARRAY['automation'], 1) w;
CREATE TABLE bench.answer (items jsonb);
-- as a worker tells of them, with what a meeting has
CREATE FUNCTION bench.found(items int, title text) RETURNS void LANGUAGE sql AS $$
    TRUNCATE bench.answer;
    INSERT INTO bench.answer
    SELECT jsonb_agg(jsonb_build_object('source_key', 'id:' || md5(i::text), 'display_name', format('%s, course %s, lecture %s', title, i % 40, i), 'file', i || '.mp4',
        'start_time', 1.6e9 + i * 600, 'duration', 5400, 'bytes', '734003200', 'expires', 2e9,
        'source', jsonb_build_object('type', 'url', 'url', 'https://example.org/' || md5(i::text) || '.mp4', 'bytes', '734003200'),
        'metadata', jsonb_build_object('meeting_id', (8e10 + i)::text, 'topic', format('%s %s', title, i), 'host_email', 'teacher@example.org', 'timezone', 'Europe/Moscow', 'view', 'shared_screen_with_speaker_view')))
    FROM generate_series(1, items) i
$$;
SQL

# measure LABEL TITLE
measure()
{
    sql -c "SELECT bench.found($items, '$2')" -c "SELECT leap.sync_source(id) FROM leap.input_sources" -c 'ANALYZE' -c 'SELECT pg_stat_statements_reset()' >/dev/null
    sql >/dev/null <<'SQL'
CREATE TEMP TABLE lease AS SELECT c.task, c.fence FROM bench.worker w, leap.claim(w.worker, w.secret, 1) c;
SELECT c.* FROM lease l, bench.answer a, leap.complete(jsonb_build_array(jsonb_build_object('task', l.task, 'fence', l.fence,
    'result', jsonb_build_object('facts', jsonb_build_object('items', a.items))))) c;
SQL
    sql -F ' ' -c "SELECT format('%-34s %6s statements %8s s %7s new %7s known %7s updated', '$1',
            (SELECT sum(s.calls) FROM pg_stat_statements s WHERE s.query !~* '^(begin|commit|create temp)'),
            (SELECT round((sum(s.total_exec_time) / 1000)::numeric, 2) FROM pg_stat_statements s WHERE s.toplevel), x.created, x.known, x.updated)
        FROM leap.source_syncs x ORDER BY x.id DESC LIMIT 1"
}

measure "$items recordings, all of them new" 'Algebra'
measure 'the same again' 'Algebra'
measure 'all under another name' 'Geometry'
