#!/bin/bash
# tests/bench/handoff.sh [--only NAME,...] [--samples N] [--gap MS] [--rounds N]
#     How long work waits on an idle system: from the commit of "run" to the start of the first
#     step, and from one step to the next. Chains are started at times of their own, whether or
#     not the last one is through. LEAP is measured twice: by a client that speaks the worker's
#     protocol in the worker's order, and (leap-worker) by the log of `leap worker`, whose steps
#     run children; their leap-media answers at once.
#
# Columns, milliseconds: p50, p95, p99 of
#   enqueued   the enqueuing call has returned -> the first step begins in the worker
#   called     the enqueuing call was made     -> the first step begins
#   committed  the end of a step is committed, and the worker knows -> the next begins
#   ended      a step's work has ended         -> the next begins
# Where the next step is another worker's to take (graphile-worker, Celery: it is sent before
# this one is acknowledged), it may begin before the sender knows, and "committed" is negative.
set -euo pipefail

all=(leap graphile celery bare leap-worker)
samples=${SAMPLES:-500}
gap=40
worker_gap=600
rounds=2

while [ $# -gt 1 ]
do
    case $1 in
        --only) IFS=, read -r -a all <<<"$2" ;;
        --samples) samples=$2 ;;
        --gap) gap=$2 ;;
        --rounds) rounds=$2 ;;
        *) sed -n '2s/^# *//p' "$0" >&2; exit 2 ;;
    esac
    shift 2
done

# shellcheck source=tests/bench/server.bash
. "$(dirname "$0")/server.bash"
# shellcheck source=tests/bench/measure.bash
. "$bench/measure.bash"
# shellcheck source=tests/bench/systems.bash
. "$bench/systems.bash"
# shellcheck source=tests/bench/peers.bash
. "$bench/peers.bash"
# shellcheck source=tests/bench/systems_peers.bash
. "$bench/systems_peers.bash"

# each: run_NAME COUNT TRACE puts the events of so many chains into the file

run_leap()
{
    prepare_leap
    sql -d bench >/dev/null <<SQL
SELECT count(leap.add_recording('user1@example.org', '{"type": "url", "url": "https://example.org/lecture.mp4"}'))
FROM generate_series(1, $1);
ANALYZE;
SQL
    start_worker "$client" desk-leap
    release_workers
    "$client" enqueue "SELECT id FROM leap.recordings" "SELECT leap.run_recording(\$1::uuid)" "$gap" >"$run/enqueued"
    wait_leap >/dev/null
    stop_workers
    grep -hv ready "$run/enqueued" "$run/out0" >"$2"
}

run_bare()
{
    prepare_bare
    sql -d bench <<'SQL'
CREATE FUNCTION bench.add(number int) RETURNS void LANGUAGE sql AS $$
    INSERT INTO bench.job (item, step) VALUES (number, 1);
    SELECT pg_notify('bench', '');
$$;
CREATE FUNCTION bench.take_one() RETURNS TABLE (id bigint, item int, step smallint) LANGUAGE sql AS $$
    UPDATE bench.job j SET taken = true
    WHERE j.id = ANY (ARRAY(SELECT x.id FROM bench.job x WHERE NOT x.taken ORDER BY x.id LIMIT 1 FOR UPDATE SKIP LOCKED))
    RETURNING j.id, j.item, j.step
$$;
SQL
    start_worker "$client" desk-bare
    release_workers
    "$client" enqueue "SELECT generate_series(1, $1)" "SELECT bench.add(\$1::int)" "$gap" >"$run/enqueued"
    wait_bare >/dev/null
    stop_workers
    grep -hv ready "$run/enqueued" "$run/out0" >"$2"
}

run_graphile()
{
    prepare_graphile
    start_worker "$node" "$peers/graphile_desk.mjs" work
    release_workers
    "$node" "$peers/graphile_desk.mjs" enqueue "$1" "$gap" >"$run/enqueued"
    wait_graphile >/dev/null
    stop_workers
    grep -hv ready "$run/enqueued" "$run/out0" >"$2"
}

run_celery()
{
    export BENCH_TRACE=$run/celery
    rm -rf "$BENCH_TRACE"
    mkdir "$BENCH_TRACE"
    start_redis always
    start_worker "$python" "$bench/peers/celery_chain.py" work prefork 2
    release_workers
    "$python" "$bench/peers/celery_desk.py" enqueue "$1" "$gap" >"$run/enqueued"
    "$python" "$bench/peers/celery_chain.py" wait "$1" >/dev/null
    stop_workers
    stop_redis
    cat "$run/enqueued" "$BENCH_TRACE"/* >"$2"
}

# A real worker with real children; a chain takes longer, so there are fewer.
run_leap_worker()
{
    prepare_leap
    install -m 755 "$root/tests/fake/leap-media" "$LEAP_STATE/leap-media"
    head -c 100000 /dev/zero | as_service tee "$state/inbox/lecture.mp4" >/dev/null
    start_real_worker bench "$LEAP_STATE/leap-media"
    sql -d bench >/dev/null <<SQL
SELECT count(leap.add_recording('user1@example.org', '{"type": "file", "path": "$state/inbox/lecture.mp4"}'))
FROM generate_series(1, $1);
SQL
    "$client" enqueue "SELECT id FROM leap.recordings" "SELECT leap.run_recording(\$1::uuid)" "$worker_gap" >"$run/enqueued"
    wait_leap >/dev/null
    stop_workers
    perl -ne '
        BEGIN { %step = (download => 1, trim => 2, transcribe => 3, topics => 4, subtitles => 4, upload => 5) }
        if (my ($at, $what, $kind, $key) = /^(\d+) .* (claimed|done) task=\d+ kind=(\w+) recording=(\S+)/)
        {
            print "$key $step{$kind} ", $what eq "done" ? "committed" : "start", " $at\n";
        }' "$run/stamped.bench" >"$2"
    cat "$run/enqueued" >>"$2"
    rm "$run/stamped.bench"
}

# percentiles FILE FROM FIRST: of the waits from the event FROM to the next step's start, for
# the first steps (FIRST = 1) or the later ones (2)
percentiles()
{
    awk -v from="$2" -v first="$3" '
        $3 == from { key = $1 " " $2; if (!(key in left) || $4 > left[key]) left[key] = $4 }
        $3 == "start" { key = $1 " " $2 - 1; if (!(key in next_at) || $4 < next_at[key]) next_at[key] = $4; step[key] = $2 }
        END { for (key in next_at) if (key in left && (step[key] == 1) == (first == 1)) print (next_at[key] - left[key]) / 1000 }
    ' "$1" | sort -n | awk '
        { v[NR] = $1 }
        function at(share) { rank = int(NR * share); return v[rank < NR * share ? rank + 1 : rank] }
        END { if (NR == 0) print "- - - 0"; else printf "%.2f %.2f %.2f %d\n", at(0.5), at(0.95), at(0.99), NR }'
}

report()
{
    local column from first p50 p95 p99 count

    printf '%-12s' "$1"
    for column in "committed 1" "end 1" "committed 2" "end 2"
    do
        read -r from first <<<"$column"
        read -r p50 p95 p99 count <<<"$(percentiles "$run/$1.trace" "$from" "$first")"
        printf ' %6s %6s %6s %5s ' "$p50" "$p95" "$p99" "$count"
    done
    echo
}

choose_installed
for ((round = 0; round < rounds; round++))
do
    for name in "${all[@]}"
    do
        count=$((samples / rounds))
        [ "$name" != leap-worker ] || count=$((samples / rounds / 10))
        "run_${name//-/_}" "$count" "$run/events"
        sed "s/^/$round-/" "$run/events" >>"$run/$name.trace"
    done
done
echo "hand-off on an idle system, milliseconds (p50 p95 p99 of n): $rounds rounds in turn, a chain every $gap ms (leap-worker: $worker_gap), cores ${BENCH_CORES:-0,1}," \
    "a flush takes $(flush_time) us"
printf '%-12s %-28s%-28s%-28s%-28s\n' '' 'enqueued -> first' 'called -> first' 'committed -> next' 'ended -> next'
for name in "${all[@]}"
do
    report "$name"
    [ "$name" != leap-worker ] || printf '%-12s with the child between them, one claim to the next: %s (p50 p95 p99 n)\n' '' \
        "$(percentiles "$run/$name.trace" start 2)"
done
