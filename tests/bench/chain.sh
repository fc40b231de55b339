#!/bin/bash
# tests/bench/chain.sh [--only NAME,...] [--items N] [--rounds N] [--batch N] [--workers N] [--flush US]
#     Items a second through a chain of six steps. LEAP's items are recordings with their state
#     machines, history and quotas; the peers' items are bare numbers. Commits are durable, and
#     an item counts when its last step's completion is in the store.
#
# --flush adds so many microseconds to each flush of the servers (slow_flush.c).
# All systems run in turn, round by round, on the same cores. Names: leap (with results as a
# worker sends them), leap-empty (results without content), bare (a table and SKIP LOCKED, no rule),
# graphile (graphile-worker; what jobs add in the same turn travels in one call), graphile-plain
# (a call each), boss (pg-boss), celery (Celery on Redis, append-only file flushed always),
# celery-everysec, celery-threads.
set -euo pipefail

all=(leap leap-empty bare graphile graphile-plain boss celery celery-everysec)
items=${ITEMS:-5000}
rounds=${ROUNDS:-3}
batch=${BATCH:-500}
worker_count=${WORKERS:-2}
graphile_processes=${GRAPHILE_PROCESSES:-1}
steps=6

usage()
{
    sed -n '2s/^# *//p' "$0" >&2
    exit 2
}

while [ $# -gt 0 ]
do
    [ $# -gt 1 ] || usage
    case $1 in
        --only) IFS=, read -r -a all <<<"$2" ;;
        --items) items=$2 ;;
        --rounds) rounds=$2 ;;
        --batch) batch=$2 ;;
        --workers) worker_count=$2 ;;
        --flush) BENCH_FLUSH_US=$2 ;;
        *) usage ;;
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

# run_once NAME: a line of results in $run/NAME
run_once()
{
    local name=$1 kind=${1%%-*} began filled released done_at
    local server0 wal0 writes0 server1 wal1 writes1 clients0 clients1

    current=$name
    "prepare_$kind"
    began=$EPOCHREALTIME
    "fill_$kind" "$items"
    filled=$EPOCHREALTIME
    "start_$kind" "$name"
    "settle_$kind"
    read -r server0 wal0 writes0 <<<"$("counters_$kind")"
    clients0=$(tree_cpu "${workers[@]}")
    released=$("$client" now)
    release_workers
    done_at=$("wait_$kind")
    clients1=$(tree_cpu "${workers[@]}")
    read -r server1 wal1 writes1 <<<"$("counters_$kind")"
    stop_workers
    "check_$kind" "$items"
    awk -v n="$items" -v s="$((items * steps))" -v t="$((done_at - released))" -v f="$filled" -v b="$began" \
        -v server="$((server1 - server0))" -v clients="$((clients1 - clients0))" \
        -v wal="$((wal1 - wal0))" -v writes="$((writes1 - writes0))" \
        'BEGIN { printf "%.1f %.2f %.2f %.1f %.4f %.0f\n", n * 1e6 / t, server * 1e3 / s, clients * 1e3 / s, wal / s, writes / s, n / (f - b) }' >>"$run/$name"
}

# report NAME: a line of the table
report()
{
    local median least most server clients wal writes fill

    read -r median least most <<<"$(cut -d' ' -f1 "$run/$1" | spread)"
    read -r server _ <<<"$(cut -d' ' -f2 "$run/$1" | spread %.1f)"
    read -r clients _ <<<"$(cut -d' ' -f3 "$run/$1" | spread %.1f)"
    read -r wal _ <<<"$(cut -d' ' -f4 "$run/$1" | spread)"
    read -r writes _ <<<"$(cut -d' ' -f5 "$run/$1" | spread %.4f)"
    read -r fill _ <<<"$(cut -d' ' -f6 "$run/$1" | spread)"
    [ -v base ] || base=$median
    [ "$writes" != 0.0000 ] || writes=-
    printf '%-18s %8.0f [%6.0f %6.0f] %7s %10s %10s %9s %10s %9.0f\n' "$1" "$median" "$least" "$most" \
        "$(ratio "$base" "$median")" "$server" "$clients" "$wal" "$writes" "$fill"
}

choose_installed
echo "chain of $steps steps: $items items, $rounds rounds in turn, cores ${BENCH_CORES:-0,1}, a flush takes $(flush_time) us;" \
    "LEAP and bare: $worker_count workers, batches of $batch"
for ((round = 0; round < rounds; round++))
do
    for name in "${all[@]}"
    do
        run_once "$name"
    done
done
printf '%-18s %8s %-15s %7s %10s %10s %9s %10s %9s\n' system items/s '[ least   most]' "${all[0]}" server clients WAL commits fill \
    '' '' '' 'is x it' us/step us/step B/step /step items/s
for name in "${all[@]}"
do
    report "$name"
done
