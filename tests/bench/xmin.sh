#!/bin/bash
# tests/bench/xmin.sh [--items N] [--dead N] [--rounds N] [--only NAME,...]
#     A transaction is held open, as a report or a dump does: the rows that leave the queue
#     cannot be removed and pile up. Throughput of a chain of six steps on a queue with so many
#     dead rows (--dead, 30,000 in round figures), with that transaction and without it, and the
#     buffers a claim touches. Names: leap (batches of 100), graphile (graphile-worker).
set -euo pipefail

all=(leap graphile)
items=${ITEMS:-1000}
dead=30000
rounds=${ROUNDS:-3}
# shellcheck disable=SC2034 # systems.bash starts the workers so
worker_count=2 batch=100 graphile_processes=1
steps=6

while [ $# -gt 1 ]
do
    case $1 in
        --only) IFS=, read -r -a all <<<"$2" ;;
        --items) items=$2 ;;
        --dead) dead=$2 ;;
        --rounds) rounds=$2 ;;
        *) sed -n '2s/^# *//p' "$0" >&2; exit 2 ;;
    esac
    shift 2
done

# shellcheck disable=SC2034 # server.bash writes them
server_settings=("shared_preload_libraries = 'pg_cron,leap,pg_stat_statements'")
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

# hold: a session with a snapshot that nobody ends
hold()
{
    rm -f "$run/hold"
    mkfifo "$run/hold"
    "$pg_bin/psql" -Xq <"$run/hold" >"$run/held" &
    holder=$!
    exec {held}>"$run/hold"
    echo "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 'held';" >&"$held"
    "$client" until "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE state = 'idle in transaction' AND backend_xmin IS NOT NULL)" >/dev/null
}

let_go()
{
    exec {held}>&-
    wait "$holder"
}

# burn NAME COUNT: items a second of so many chains
burn()
{
    local released done_at

    "fill_$1" "$2"
    "start_$1" "$1"
    sql -d bench -c "SELECT pg_stat_statements_reset()" >/dev/null
    released=$("$client" now)
    release_workers
    done_at=$("wait_$1")
    stop_workers
    awk -v n="$2" -v t="$((done_at - released))" 'BEGIN { printf "%.1f\n", n * 1e6 / t }'
}

# buffers NAME: how many a claim touched, and per task
buffers()
{
    local what="query LIKE '%leap.claim(%'"

    [ "$1" = leap ] || what="query ILIKE '%skip locked%'"
    sql -d bench -F ' ' -c "SELECT round(sum(shared_blks_hit + shared_blks_read) / sum(calls)),
                                   round(sum(shared_blks_hit + shared_blks_read) / greatest(sum(rows), 1), 1)
                            FROM pg_stat_statements WHERE $what"
}

# run_once NAME free|held
run_once()
{
    "prepare_$1"
    sql -d bench -c "CREATE EXTENSION IF NOT EXISTS pg_stat_statements"
    [ "$2" = free ] || hold
    burn "$1" $((dead / steps)) >/dev/null
    # without the transaction this removes what is dead; with it, it cannot
    sql -d bench -c "VACUUM ANALYZE" -c CHECKPOINT
    echo "$(burn "$1" "$items") $(buffers "$1")" >>"$run/$1.$2"
    [ "$2" = free ] || let_go
}

median()
{
    cut -d' ' -f"$2" "$run/$1" | spread %.1f | cut -d' ' -f1
}

choose_installed
echo "a transaction held open while $dead rows leave the queue: $items items, $rounds rounds in turn, cores ${BENCH_CORES:-0,1}"
for ((round = 0; round < rounds; round++))
do
    for name in "${all[@]}"
    do
        run_once "$name" free
        run_once "$name" held
    done
done
printf '%-12s %14s %14s %8s   %s\n' '' 'items/s free' 'items/s held' loss 'buffers of a claim (of a task): free, held'
for name in "${all[@]}"
do
    free=$(median "$name.free" 1)
    held_rate=$(median "$name.held" 1)
    printf '%-12s %14.0f %14.0f %7s%%   %s (%s), %s (%s)\n' "$name" "$free" "$held_rate" \
        "$(awk -v a="$free" -v b="$held_rate" 'BEGIN { printf "%.1f", (1 - b / a) * 100 }')" \
        "$(median "$name.free" 2)" "$(median "$name.free" 3)" "$(median "$name.held" 2)" "$(median "$name.held" 3)"
done
