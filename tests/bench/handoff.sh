#!/bin/bash
# tests/bench/handoff.sh [RECORDINGS]
#     On an idle system with one worker: how long from the completion of a step to the start of
#     the next, and from "run" to the start of the first. Times are the database's: the commit
#     that completes, the claim that starts. A clip of three seconds without sound, so that
#     each recording passes download, trim and upload.
# shellcheck source=tests/bench/server.bash
. "$(dirname "$0")/server.bash"

recordings=${1:-40}
clip=$state/inbox/clip.mp4

start_worker()
{
    as_service "$prefix/bin/leap" worker --database "host=$sockets dbname=$DATABASE user=postgres" \
        --storage "$state/storage" --library "$state/library" --name bench >"$LEAP_STATE/worker.log" 2>&1 &
    worker=$!
    trap 'kill "$worker" 2>/dev/null; wait "$worker" 2>/dev/null; end_server' EXIT
}

wait_until()
{
    for ((i = 0; i < 600; i++))
    do
        [ "$(sql -c "SELECT $1")" = f ] || return 0
        sleep 0.1
    done
    tail -n 5 "$LEAP_STATE/worker.log" >&2
    fail "waited too long for: $1"
}

ffmpeg -v error -f lavfi -i testsrc2=size=320x180:rate=25:duration=3 -c:v libx264 -pix_fmt yuv420p "$LEAP_STATE/clip.mp4"
install -m 644 -o "$service_user" "$LEAP_STATE/clip.mp4" "$clip"
start_worker
wait_until "EXISTS (SELECT FROM leap.workers)"
sql -c "SELECT leap.add_user('bench@example.org')" >/dev/null
for ((n = 0; n < recordings; n++))
do
    sql -c "SELECT leap.run_recording(leap.add_recording(NULL, jsonb_build_object('type', 'file', 'path', '$clip')))" >/dev/null
    wait_until "NOT EXISTS (SELECT FROM leap.runs WHERE state = 'active')"
done
printf 'hand-off of %s recordings on an idle system, milliseconds\n' "$recordings"
sql -F ' ' <<'SQL'
WITH waits AS (
    SELECT 'from run to first step' AS what, t.started_at - u.started_at AS wait
    FROM leap.runs u JOIN leap.tasks t ON t.run_id = u.id AND t.kind = 'download' WHERE u.state = 'finished'
    UNION ALL
    SELECT 'from step to step', b.started_at - a.finished_at
    FROM leap.task_edge e JOIN leap.tasks a ON a.id = e.from_task JOIN leap.tasks b ON b.id = e.to_task
    WHERE a.state = 'succeeded' AND b.state = 'succeeded')
SELECT format('%-24s p50 %s  p99 %s  (%s)', what,
    lpad(round((percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM wait) * 1000))::numeric, 1)::text, 7),
    lpad(round((percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM wait) * 1000))::numeric, 1)::text, 7), count(*))
FROM waits GROUP BY what ORDER BY what;
SQL
