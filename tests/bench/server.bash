# tests/bench/server.bash
#     Sourced by the benchmarks that need a database: a throw-away cluster of its own, with the
#     schema deployed, that is gone when the script ends.
#
#   BENCH_CORES     cores that server and clients share (default 0,1)
#   BENCH_FLUSH_US  microseconds added to each flush of the server (default 0)
#
# shellcheck shell=bash

set -euo pipefail

bench=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
LEAP_STATE=$(mktemp -d "${TMPDIR:-/tmp}/leap-bench-XXXXXX")
export LEAP_STATE
chmod 755 "$LEAP_STATE"
# shellcheck source=docker/local/environment.sh
. "$bench/../../docker/local/environment.sh"
built=$root/build/bench

end_server()
{
    at_end
    "$root/docker/local/cluster.sh" stop || true
    rm -rf "$LEAP_STATE"
}

# psql as the superuser of the cluster: OPTION..., a database other than LEAP's by -d
sql()
{
    as_service env PGOPTIONS='-c client_min_messages=warning' PGDATABASE="$DATABASE" \
        "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 -h "$sockets" -U postgres "$@"
}

# ratio A B: A/B with two digits
ratio()
{
    awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'
}

# No checkpoint is due while something is measured.
settings()
{
    cat <<'SETTINGS'
shared_buffers = 256MB
max_wal_size = 4GB
checkpoint_timeout = 30min
SETTINGS
    printf '%s\n' "${server_settings[@]}"
}

# before a command: its flushes become as slow as BENCH_FLUSH_US says
slowed=()
[ "${BENCH_FLUSH_US:-0}" = 0 ] || slowed=(env FLUSH_MICROSECONDS="$BENCH_FLUSH_US" LD_PRELOAD="$LEAP_STATE/slow_flush.so")

# microseconds of a durable write of a page, as the servers pay it
flush_time()
{
    "${slowed[@]}" "$built/bench-client" flush "$LEAP_STATE/flush" 200
}

deploy()
{
    sql -d postgres -c "CREATE DATABASE $DATABASE"
    tar -C "$root" -cf - sql | as_service tar -C "$LEAP_STATE/run" -xf -
    sql -1 -f "$LEAP_STATE/run/sql/deploy.sql"
}

# more lines of postgresql.conf, set by who sources this
[ -v server_settings ] || server_settings=()

# what else ends then
at_end()
{
    :
}

taskset -cp "${BENCH_CORES:-0,1}" $$ >/dev/null 2>&1 || true
trap end_server EXIT
make --no-print-directory -s -C "$bench/client"
install -m 755 "$built/slow_flush.so" "$LEAP_STATE/"
"$root/docker/local/prefix.sh" >"$LEAP_STATE/install.log" 2>&1 || { cat "$LEAP_STATE/install.log" >&2; exit 1; }
"$root/docker/local/cluster.sh" create
settings | as_service sh -c "cat >>'$LEAP_STATE/data/postgresql.conf'"
"${slowed[@]}" "$root/docker/local/cluster.sh" start
deploy

# serve_with OPTION...: starts `leap serve` beside the database and waits until it answers; sets url and serve_pid.
# shellcheck disable=SC2034,SC2154 # what those who source this have, and take
serve_with()
{
    : >"$serve_log"
    as_service env LEAP_DATABASE="host=$sockets dbname=$DATABASE user=leap_gateway" LEAP_STORAGE="$LEAP_STATE/storage" \
        "$prefix/bin/leap" serve --listen=0 --rate-limit=0 --address-rate-limit=0 "$@" 2>>"$serve_log" &
    for _ in $(seq 300)
    do
        url=$(sed -n 's,.*serving at \(http://[^/]*\)/.*,\1,p' "$serve_log")
        # not the shell that started it as another user
        serve_pid=$(sed -n 's,.*\[\([0-9]*\)\] INFO: serving at .*,\1,p' "$serve_log")
        [ -z "$url" ] || ! curl -sf "$url/health/ready" >/dev/null || return 0
        sleep 0.1
    done
    cat "$serve_log" >&2
    fail "leap serve does not get ready"
}
