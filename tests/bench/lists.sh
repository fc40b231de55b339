#!/bin/bash
# tests/bench/lists.sh [ROUNDS]
#     How long lists, search, details and histories take for a tenant behind the wall: as
#     leap_user under row-level security, with 100,000 recordings of 200 users (one has 20,000)
#     and a million tasks and events. Beside it: paging by OFFSET, counting everything, and
#     searching without the index.
#
# The rows are those of tests/bench/library.sql. Times are those of the server, in milliseconds; buffers are pages
# of 8 kB touched by one call, with everything nested in it.
# shellcheck source=tests/bench/server.bash
. "$(dirname "$0")/server.bash"

rounds=${1:-100}

fill()
{
    sql >/dev/null <"$bench/library.sql"
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

# browse SAID: a page of 50 as a screen asks for it
browse()
{
    printf "SELECT api.browse_recordings(most => 50%s)" "${1:+, $1}"
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
measure 'by last change' 1 "$(page '{}' NULL -updated_at)"
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
measure 'screen: first page of 50' 1 "$(browse)"
measure 'screen: active ones (1 %)' 1 "$(browse 'active => true')"
measure 'screen: by status' 1 "$(browse "sort_by => 'status'")"
measure 'screen: by last change' 1 "$(browse "sort_by => 'updated_at'")"
measure 'screen: what it can be narrowed to' 1 "SELECT api.recording_choices()"
measure '  of the failed ones' 1 "SELECT api.recording_choices(failed => true)"
measure '  of those with a word of every sixth name' 1 "SELECT api.recording_choices(search => 'АНАЛИЗ')"
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
