#!/bin/bash
# tests/bench/memory.sh
#     Private memory of a worker that waits for work, with all its processes: what another
#     worker on the same machine costs. Names: leap, graphile, celery (two processes for work).
set -euo pipefail

all=(leap graphile celery)

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

start_leap_worker()
{
    prepare_leap
    start_real_worker bench "$prefix/libexec/leap/leap-media"
}

start_graphile_worker()
{
    prepare_graphile
    start_worker "$node" "$peers/graphile_desk.mjs" work
    release_workers
    "$client" until "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = 'bench' AND query ILIKE 'listen%')" >/dev/null
}

start_celery_worker()
{
    start_redis always
    start_worker "$python" "$bench/peers/celery_chain.py" work prefork 2
    release_workers
}

# private_memory PID...: MB of these processes and their count
private_memory()
{
    local pid kilobytes=0 count=0

    for pid in "$@"
    do
        kilobytes=$((kilobytes + $(awk '/^Private_/ { sum += $2 } END { print sum }' "/proc/$pid/smaps_rollup")))
        count=$((count + 1))
    done
    awk -v k="$kilobytes" -v n="$count" 'BEGIN { printf "%.1f %d\n", k / 1024, n }'
}

choose_installed
echo "private memory of an idle worker"
printf '%-12s %8s %10s %8s\n' '' MB processes 'x LEAP'
for name in "${all[@]}"
do
    "start_${name}_worker"
    mapfile -t processes <<<"$(tree_pids "${workers[0]}")"
    # Celery's is started by a program of ours
    [ "$name" != celery ] || mapfile -t processes <<<"$(tree_pids "${workers[0]}" | grep -vx "${workers[0]}")"
    read -r megabytes count <<<"$(private_memory "${processes[@]}")"
    [ -v base ] || base=$megabytes
    printf '%-12s %8s %10s %8s\n' "$name" "$megabytes" "$count" "$(ratio "$megabytes" "$base")"
    stop_workers
done
