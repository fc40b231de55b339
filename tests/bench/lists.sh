#!/bin/bash
# tests/bench/lists.sh [ROUNDS]
#     How long lists, search, details and histories take for a tenant behind the wall: as
#     leap_user under row-level security, with 100,000 recordings of 200 users (one has 20,000)
#     and a million tasks and events. Beside it: paging by OFFSET, counting everything, and
#     searching without the index.
#
# Rows are made with triggers off (session_replication_role = replica): it is their number that
# matters, not how they came. Times are those of the server, in milliseconds; buffers are pages
# of 8 kB touched by one call, with everything nested in it.
# shellcheck source=tests/bench/server.bash
. "$(dirname "$0")/server.bash"

rounds=${1:-100}

fill()
{
    sql >/dev/null <<'SQL'
SET session_replication_role = replica;
SET synchronous_commit = off;
CREATE SCHEMA bench;
SELECT leap.add_user(format('bench%s@example.org', i)) FROM generate_series(1, 200) i;
CREATE TABLE bench.owners AS SELECT row_number() OVER (ORDER BY lane) AS n, id, lane FROM leap.users;
SET ROLE leap_owner;
SELECT leap.add_partition('task_events', (date_trunc('month', now()) - make_interval(months => i))::date) FROM generate_series(1, 12) i;
RESET ROLE;

-- every fifth is the first user's; 3 % have failed, 1 % are held, 1 % are under way
CREATE TABLE bench.plan AS
SELECT i, leap.uuid7() AS id, o.id AS owner, o.lane, now() - make_interval(mins => 5 * (100000 - i)) AS at,
       CASE WHEN i % 100 < 3 THEN 'FAILED' WHEN i % 100 = 3 THEN 'TRANSCRIBED' WHEN i % 100 = 4 THEN 'TRANSCRIBING' ELSE 'UPLOADED' END AS status,
       (ARRAY['Linear algebra', 'Operating systems', 'Математический анализ', 'Теория вероятностей', 'History of art', 'Organic chemistry'])[1 + i % 6]
           || ', ' || (ARRAY['lecture', 'seminar', 'лекция'])[1 + i % 3] || ' ' || i || CASE WHEN i % 4999 = 0 THEN ' eigenvalues' ELSE '' END AS name
FROM generate_series(1, 100000) i
JOIN bench.owners o ON o.n = CASE WHEN i % 5 = 0 THEN 1 ELSE 2 + i * 7919::bigint % 199 END ORDER BY i;
INSERT INTO leap.recordings (id, user_id, display_name, source, start_time, status, duration, final_duration, failed, failed_at, failed_at_stage, error,
        hold, hold_message, held_at, facts, topics, delete_state, created_at, updated_at)
    SELECT id, owner, name, '{"type": "url", "url": "https://example.org/lecture.mp4"}', at - interval '1 day' * (i % 7), status, 5400, 5200,
        status = 'FAILED', CASE status WHEN 'FAILED' THEN at END, CASE status WHEN 'FAILED' THEN 'upload' END,
        CASE status WHEN 'FAILED' THEN '{"class": "permanent", "code": "refused", "message": "the platform refused it", "hint": "ask it"}'::jsonb END,
        CASE status WHEN 'TRANSCRIBED' THEN 'quality' END, CASE status WHEN 'TRANSCRIBED' THEN 'unsure' END, CASE status WHEN 'TRANSCRIBED' THEN at END,
        '{"speech": "speech", "verdict": "ok", "has_audio": true}',
        (SELECT jsonb_agg(jsonb_build_object('title', 'Topic ' || t, 'start', t * 300, 'end', t * 300 + 299)) FROM generate_series(1, 15) t),
        'active', at, at + interval '2 hours' FROM bench.plan ORDER BY i;
INSERT INTO leap.output_targets (recording_id, user_id, target_type, status, url)
    SELECT id, owner, 'LIBRARY', CASE status WHEN 'UPLOADED' THEN 'UPLOADED' WHEN 'FAILED' THEN 'FAILED' ELSE 'NOT_UPLOADED' END,
        CASE status WHEN 'UPLOADED' THEN 'library/' || i END FROM bench.plan ORDER BY i;
INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
    SELECT id, owner, k, k || i, 1000000, repeat('0a', 32), 'x/y' FROM bench.plan, unnest('{source,video,transcript,topics,vtt}'::text[]) k ORDER BY i;

-- two of three were run twice: ten tasks a recording
CREATE TABLE bench.runs AS
SELECT leap.uuid7() AS run, p.*, n FROM bench.plan p, generate_series(1, CASE WHEN i % 3 = 0 THEN 1 ELSE 2 END) n ORDER BY i, n;
INSERT INTO leap.runs (id, recording_id, user_id, state, trigger, config, started_at, finished_at)
    SELECT run, id, owner, CASE WHEN n = 1 AND i % 3 > 0 THEN 'cancelled' WHEN status = 'FAILED' THEN 'failed' WHEN status = 'UPLOADED' THEN 'finished' ELSE 'active' END,
        'user', leap.default_config(), at + n * interval '10 min',
        CASE WHEN (n = 1 AND i % 3 > 0) OR status IN ('FAILED', 'UPLOADED') THEN at + n * interval '20 min' END FROM bench.runs ORDER BY i, n;
INSERT INTO leap.tasks (run_id, recording_id, user_id, lane, kind, queue, stage, state, progress, attempt, result, created_at, started_at, finished_at)
    SELECT run, r.id, owner, lane, k.kind, k.queue, k.stage,
        CASE WHEN n = 1 AND i % 3 > 0 THEN 'cancelled' WHEN k.kind = 'upload' AND status = 'FAILED' THEN 'failed'
             WHEN status LIKE 'TRANSCRIB%' AND k.kind IN ('topics', 'subtitles', 'upload') THEN 'blocked' ELSE 'succeeded' END,
        100, 1, '{"facts": {"duration": 5400, "has_audio": true, "has_video": true}}', at, at + interval '1 min', at + interval '20 min'
    FROM bench.runs r, leap.task_kinds k WHERE k.stage IS NOT NULL ORDER BY i, n;
INSERT INTO leap.task_events (at, entity, recording_id, user_id, task, kind, from_state, to_state, event, attempt)
    SELECT finished_at, 'task', recording_id, user_id, id, kind, 'running', state, 'step', 1 FROM leap.tasks ORDER BY id;
SELECT leap.roll_statistics();
VACUUM (ANALYZE);
SQL
    sql >/dev/null <<'SQL'
-- runs a statement as a tenant and tells how long it took, p50 and p95, the pages one call touches, and how many rows
-- of the big tables were read by sequential scans
CREATE FUNCTION bench.measure(owner int, statement text, rounds int) RETURNS TABLE (p50 numeric, p95 numeric, buffers bigint, seq_rows bigint)
LANGUAGE plpgsql AS $$
DECLARE
    took numeric[] := '{}';
    began timestamptz;
    plan json;
    big constant text := '^(recordings|tasks|runs|output_targets|artifacts|task_events.*)$';
    before bigint := (SELECT sum(s.seq_tup_read) FROM pg_stat_xact_user_tables s WHERE s.relname ~ big);
BEGIN
    PERFORM set_config('request.jwt.claims', (SELECT jsonb_build_object('sub', o.id)::text FROM bench.owners o WHERE o.n = owner), true);
    SET LOCAL ROLE leap_user;
    FOR i IN 1..rounds + 5 LOOP
        began := clock_timestamp();
        EXECUTE statement;
        took[i] := 1000 * extract(epoch FROM clock_timestamp() - began);
    END LOOP;
    EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, TIMING off, FORMAT JSON) ' || statement INTO plan;
    RESET ROLE;
    buffers := (plan #>> '{0,Plan,Shared Hit Blocks}')::bigint + (plan #>> '{0,Plan,Shared Read Blocks}')::bigint;
    seq_rows := (SELECT sum(s.seq_tup_read) FROM pg_stat_xact_user_tables s WHERE s.relname ~ big) - before;
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY t), percentile_cont(0.95) WITHIN GROUP (ORDER BY t) INTO p50, p95
    FROM unnest(took[6:]) t;
    RETURN NEXT;
END $$;
GRANT USAGE ON SCHEMA bench TO leap_user;
SQL
}

# the id of a recording N rows down the newest first list of an owner, and its cursor
deep_id()
{
    sql -c "SELECT r.id FROM leap.recordings r JOIN bench.owners o ON o.id = r.user_id WHERE o.n = $1 ORDER BY r.id DESC OFFSET $2 LIMIT 1"
}

deep_cursor()
{
    sql -c "SELECT leap.make_cursor('-created_at', '$1', '$1')"
}

# measure LABEL OWNER STATEMENT: a line of the table; sets $p50
measure()
{
    local p95 buffers rows

    IFS='|' read -r p50 p95 buffers rows <<<"$(sql -c "SELECT * FROM bench.measure($2, \$\$$3\$\$, $rounds)")"
    printf '%-52s %9.2f %9.2f %9d %9d\n' "$1" "$p50" "$p95" "$buffers" "$rows"
}

# page FILTERS [AFTER [SORT]]
page()
{
    printf "SELECT * FROM leap.list_recordings('%s', %s, 50, '%s')" "$1" "${2:-NULL}" "${3:--created_at}"
}

offset_page()
{
    printf "SELECT * FROM leap.recordings WHERE delete_state = 'active' ORDER BY id DESC OFFSET %d LIMIT 50" "$1"
}

key_page()
{
    printf "SELECT * FROM leap.recordings WHERE delete_state = 'active' AND id < '%s' ORDER BY id DESC LIMIT 50" "$1"
}

fill
small=$(deep_id 2 100)
big=$(deep_id 1 9999)
place="'$(deep_cursor "$big")'"
far=$(deep_id 1 19900)
task=$(sql -c "SELECT id FROM leap.tasks WHERE recording_id = '$big' LIMIT 1")

printf '%-52s %9s %9s %9s %9s\n' "as leap_user, $rounds rounds each" 'p50 ms' 'p95 ms' buffers 'seq rows'
measure 'first page of 50, user with 400' 2 "$(page '{}')"
measure 'first page of 50, user with 20,000' 1 "$(page '{}')"
first=$p50
measure 'page after 10,000 rows' 1 "$(page '{}' "$place")"
deep=$p50
measure 'by start time' 1 "$(page '{}' NULL -start_time)"
measure 'by name' 1 "$(page '{}' NULL display_name)"
measure 'by last change (sorted at each call)' 1 "$(page '{}' NULL -updated_at)"
measure 'failed ones' 1 "$(page '{"failed": true}')"
measure 'status FAILED (3 %)' 1 "$(page '{"status": ["FAILED"]}')"
measure 'status READY (none)' 1 "$(page '{"status": ["READY"]}')"
measure 'search: word of every sixth name' 1 "$(page '{"search": "АНАЛИЗ"}')"
measure 'search: word of four names' 1 "$(page '{"search": "eigenvalues"}')"
rare=$p50
measure 'search: word of no name' 1 "$(page '{"search": "thermodynamics"}')"
miss=$p50
measure '  the same by ILIKE, without the index' 1 "SELECT id FROM leap.recordings WHERE display_name ILIKE '%thermodynamics%' ORDER BY id DESC LIMIT 50"
ilike=$p50
measure 'count, at most 10,000' 1 "SELECT * FROM leap.count_recordings()"
count=$p50
measure '  counting all 20,000' 1 "SELECT count(*) FROM leap.recordings"
count_all=$p50
measure 'bare rows after 10,000 by key' 1 "$(key_page "$big")"
keyset=$p50
measure '  the same by OFFSET' 1 "$(offset_page 10000)"
offset=$p50
measure 'bare rows after 19,900 by key' 1 "$(key_page "$far")"
far_keyset=$p50
measure '  the same by OFFSET' 1 "$(offset_page 19900)"
far_offset=$p50
measure 'detail of a recording' 2 "SELECT leap.recording_detail('$small')"
measure 'stages of a recording' 2 "SELECT * FROM leap.processing_stages WHERE recording_id = '$small'"
measure 'history of a recording' 2 "SELECT * FROM leap.history('$small')"
measure 'newest 50 tasks of a user with 200,000' 1 "SELECT * FROM leap.list_tasks()"
measure 'page of tasks in the middle' 1 "SELECT * FROM leap.list_tasks(NULL, '{}', '$task')"
measure 'running tasks (none)' 1 "SELECT * FROM leap.list_tasks(NULL, '{\"status\": \"PROCESSING\"}')"
measure 'failed tasks' 1 "SELECT * FROM leap.list_tasks(NULL, '{\"status\": \"FAILURE\"}')"
measure 'tasks of a recording' 2 "SELECT * FROM leap.list_tasks(NULL, '{\"recording\": \"$small\"}')"
measure 'one task' 1 "SELECT * FROM leap.get_task($task)"
measure 'statistics of a user with 20,000' 1 "SELECT leap.user_stats()"
measure 'times per stage of that user, all time' 1 "SELECT leap.stage_stats()"
measure '  the last 30 days' 1 "SELECT leap.stage_stats(current_date - 30, current_date)"
measure 'failures of that user' 1 "SELECT leap.failure_stats()"

printf '\ndeep page / first page: %s; OFFSET / key: %s at 10,000, %s at 19,900\n' \
    "$(ratio "$deep" "$first")" "$(ratio "$offset" "$keyset")" "$(ratio "$far_offset" "$far_keyset")"
printf 'ILIKE / search that finds nothing: %s, four names: %s; count of all / capped: %s\n' \
    "$(ratio "$ilike" "$miss")" "$(ratio "$ilike" "$rare")" "$(ratio "$count_all" "$count")"
