# tests/bench/measure.bash
#     Sourced after server.bash: workers that start together, and what a run costs.
#
# A worker is a program that says "ready", waits for a line on its standard input and then
# works until it is terminated.
#
# shellcheck shell=bash
# shellcheck disable=SC2154 # server.bash assigns them

export PGHOST=$sockets PGUSER=postgres PGDATABASE=bench
workers=()
gates=()
run=$LEAP_STATE/measure
mkdir -p "$run"
# shellcheck disable=SC2034 # for who sources this
client=$built/bench-client

# fresh_database TEMPLATE: the database "bench" is a copy of it
fresh_database()
{
    sql -d postgres -c "DROP DATABASE IF EXISTS bench WITH (FORCE)" -c "CREATE DATABASE bench TEMPLATE $1"
}

# start_worker COMMAND...
start_worker()
{
    local n=${#workers[@]} gate

    rm -f "$run/go$n"
    mkfifo "$run/go$n"
    : >"$run/out$n"
    "$@" <"$run/go$n" >"$run/out$n" 2>"$run/err$n" &
    workers+=($!)
    exec {gate}>"$run/go$n"
    gates+=("$gate")
    for ((i = 0; i < 3000; i++))
    do
        ! grep -q '^ready' "$run/out$n" || return 0
        kill -0 "${workers[n]}" 2>/dev/null || break
        sleep 0.01
    done
    tail -n 5 "$run/err$n" >&2
    fail "the worker did not get ready: $*"
}

# start_real_worker NAME MEDIA_PROGRAM OPTION...: `leap worker`, registered; its log, each line
# after the clock at its arrival, is $run/stamped.NAME
start_real_worker()
{
    local name=$1 media=$2 known
    shift 2

    known=$(sql -d bench -c "SELECT count(*) FROM leap.workers")
    rm -f "$run/log.$name"
    mkfifo "$run/log.$name"
    "$client" stamp <"$run/log.$name" >>"$run/stamped.$name" &
    "$prefix/bin/leap" worker --database "host=$sockets dbname=bench user=postgres" --storage "$state/storage" \
        --library "$state/library" --media-program "$media" --name "$name" "$@" 2>"$run/log.$name" &
    workers+=($!)
    "$client" until "SELECT count(*) > $known FROM leap.workers" >/dev/null
}

release_workers()
{
    local gate

    for gate in "${gates[@]}"
    do
        echo go >&"$gate"
    done
}

stop_workers()
{
    local worker gate

    for gate in "${gates[@]}"
    do
        exec {gate}>&-
    done
    for worker in "${workers[@]}"
    do
        kill -TERM "$worker" 2>/dev/null || continue
        timeout 15 tail --pid="$worker" -f /dev/null || kill -KILL "$worker"
        wait "$worker" 2>/dev/null || true
    done
    workers=()
    gates=()
}

at_end()
{
    stop_workers
    ! declare -F stop_redis >/dev/null || stop_redis
}

# process_table: pid, parent, ticks of processor time (its own and its ended children's)
process_table()
{
    { cat /proc/[0-9]*/stat 2>/dev/null || true; } | sed 's/^\([0-9]*\) (.*) /\1 /' |
        awk '{ print $1, $3, $13 + $14 + $15 + $16 }'
}

# below PID...: the lines of that table that belong to these processes and all below them
below()
{
    process_table | awk -v roots="$*" '
        { parent[$1] = $2; line[$1] = $0 }
        END {
            split(roots, list, " ")
            for (i in list) is_root[list[i]] = 1
            for (pid in line)
                for (p = pid; p > 1; p = parent[p])
                    if (p in is_root) { print line[pid]; break }
        }'
}

# tree_pids PID: it and all below it, in the order of their numbers
tree_pids()
{
    below "$1" | cut -d' ' -f1 | sort -n
}

# tree_cpu PID...: milliseconds of processor time of these processes and all below them
tree_cpu()
{
    below "$@" | awk -v tick="$(getconf CLK_TCK)" '{ sum += $3 } END { printf "%d\n", sum * 1000 / tick }'
}

postmaster()
{
    as_service head -n 1 "$LEAP_STATE/data/postmaster.pid"
}

# postgres_counters: milliseconds of processor time, bytes of WAL, transactions that wrote
postgres_counters()
{
    echo "$(tree_cpu "$(postmaster)") $(sql -d postgres -F ' ' -c "SELECT pg_current_wal_insert_lsn() - '0/0', txid_snapshot_xmax(txid_current_snapshot())")"
}

# median of a column of numbers, with the least and the most
spread()
{
    sort -n | awk -v format="${1:-%.0f}" '
        { v[NR] = $1 }
        END { m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
              printf format " " format " " format "\n", m, v[1], v[NR] }'
}
