#!/bin/bash
# tests/bench/rescue.sh [SAMPLES]
#     A worker is killed (SIGKILL) in the middle of a task: how long until another worker has the
#     task. LEAP: two real workers with one place each. The other queues wait for a time-out
#     that is longer than anybody measures; what they document is printed, and with
#     PEERS_RESCUE=1 one sample of each is waited for, at most 130 seconds.
set -euo pipefail

samples=${1:-20}
patience=130
all=(graphile boss boss-heartbeat celery)

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

# holder RECORDING: the name of the worker that runs its task
holder()
{
    sql -d bench -c "SELECT w.name FROM leap.task_lease l JOIN leap.tasks t ON t.id = l.task JOIN leap.workers w ON w.id = l.worker_id
                     WHERE t.recording_id = '$1'"
}

await()
{
    "$client" until "SELECT $1" "${2:-60}" >/dev/null
}

# sample: microseconds from the kill to the other worker's claim; both run again afterwards
sample()
{
    local recording name other killed claimed

    recording=$(sql -d bench -c "SELECT leap.add_recording('user1@example.org', '{\"type\": \"file\", \"path\": \"$state/inbox/lecture.mp4\"}')")
    sql -d bench -c "SELECT leap.run_recording('$recording')" >/dev/null
    await "EXISTS (SELECT FROM leap.tasks WHERE recording_id = '$recording' AND state = 'running' AND progress > 0)"
    name=$(holder "$recording")
    other=b
    [ "$name" = a ] || other=a
    killed=$("$client" now)
    kill -KILL "${workers[${index[$name]}]}"
    wait "${workers[${index[$name]}]}" 2>/dev/null || true
    await "EXISTS (SELECT FROM leap.task_lease l JOIN leap.tasks t ON t.id = l.task JOIN leap.workers w ON w.id = l.worker_id
                   WHERE t.recording_id = '$recording' AND w.name = '$other')"
    for ((i = 0; i < 500; i++))
    do
        claimed=$(awk -v recording="recording=$recording" '/ claimed / && index($0, recording) { print $1; exit }' "$run/stamped.$other")
        [ -z "$claimed" ] || break
        sleep 0.01
    done
    echo $((claimed - killed)) >>"$run/samples"
    sql -d bench -c "SELECT leap.cancel_recording('$recording')" >/dev/null
    start_one "$name"
    await "NOT EXISTS (SELECT FROM leap.task_lease)"
}

# start_one NAME: that worker, and waits until it can claim
start_one()
{
    start_real_worker "$1" "$LEAP_STATE/leap-media" --slots 1
    index[$1]=$((${#workers[@]} - 1))
}

measure_leap()
{
    declare -gA index

    prepare_leap
    install -m 755 "$root/tests/fake/leap-media" "$LEAP_STATE/leap-media"
    echo "analyse 600" >"$LEAP_STATE/leap-media.behaviour"
    head -c 100000 /dev/zero | as_service tee "$state/inbox/lecture.mp4" >/dev/null
    start_one a
    start_one b
    # for a while after its start a server takes a missing session for no sign of death
    await "clock_timestamp() > pg_postmaster_start_time() + leap.setting('leap.start_grace')::int * interval '1 s'"
    for ((n = 0; n < samples; n++))
    do
        sample
    done
    stop_workers
    sort -n "$run/samples" | awk '
        { v[NR] = $1 / 1e6 }
        function at(share) { rank = int(NR * share); return v[rank < NR * share ? rank + 1 : rank] }
        END { printf "%-16s %6.2f %6.2f %6.2f   measured, %d samples (least, p50, p99)\n", "leap", v[1], at(0.5), at(0.99), NR }'
}

documented()
{
    printf '%-16s %6s %-13s   %s\n' \
        graphile 14400 '' "documented: a job locked for more than 4 hours, looked for every 8 to 10 minutes" \
        boss 900 '' "documented: expireInSeconds, 15 minutes" \
        boss-heartbeat 10 'and a minute' "documented: heartbeatSeconds, off by default, at least 10, looked for every minute" \
        celery 3600 '' "documented: visibility_timeout of the Redis transport, 1 hour"
}

# one_sample NAME: whether a second worker takes over while we are patient. For each kind,
# rescue_KIND NAME adds the job and starts a worker, rescue_again_KIND NAME another one.
one_sample()
{
    local began

    : >"$run/started"
    export BENCH_STARTED=$run/started
    "rescue_${1%%-*}" "$1"
    for ((i = 0; i < 600; i++))
    do
        [ ! -s "$run/started" ] || break
        sleep 0.1
    done
    "rescue_again_${1%%-*}" "$1"
    kill_tree "${workers[0]}"
    wait "${workers[0]}" 2>/dev/null || true
    began=$SECONDS
    while [ $((SECONDS - began)) -lt "$patience" ] && [ "$(wc -l <"$run/started")" -lt 2 ]
    do
        sleep 0.1
    done
    if [ "$(wc -l <"$run/started")" -lt 2 ]
    then
        printf '%-16s not within %s s in this run\n' "$1" "$patience"
    else
        printf '%-16s %s s in this run\n' "$1" $((SECONDS - began))
    fi
    stop_workers
    stop_redis
}

kill_tree()
{
    local processes

    mapfile -t processes <<<"$(tree_pids "$1")"
    kill -KILL "${processes[@]}"
}

rescue_graphile()
{
    prepare_graphile
    "$node" "$peers/rescue.mjs" "$1" add
    rescue_again_graphile "$1"
}

rescue_again_graphile()
{
    start_worker "$node" "$peers/rescue.mjs" "$1" work
    release_workers
}

rescue_boss()
{
    prepare_boss
    "$node" "$peers/rescue.mjs" "$1" add
    rescue_again_boss "$1"
}

rescue_again_boss()
{
    start_worker "$node" "$peers/rescue.mjs" "$1" work
    release_workers
}

rescue_celery()
{
    start_redis always
    "$python" "$bench/peers/celery_chain.py" long
    rescue_again_celery
}

rescue_again_celery()
{
    start_worker "$python" "$bench/peers/celery_chain.py" work prefork 1
    release_workers
}

choose_installed
echo "a worker is killed in the middle of a task: seconds until another one has it"
measure_leap
documented
[ "${PEERS_RESCUE:-0}" = 1 ] || exit 0
for name in "${all[@]}"
do
    one_sample "$name"
done
