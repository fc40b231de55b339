# tests/bench/server.bash
#     Sourced by the benchmarks that need a database: a throw-away cluster of its own, with the
#     schema deployed, that is gone when the script ends.
#
# shellcheck shell=bash

set -euo pipefail

bench=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
LEAP_STATE=$(mktemp -d "${TMPDIR:-/tmp}/leap-bench-XXXXXX")
export LEAP_STATE
chmod 755 "$LEAP_STATE"
# shellcheck source=docker/local/environment.sh
. "$bench/../../docker/local/environment.sh"

end_server()
{
    "$root/docker/local/cluster.sh" stop || true
    rm -rf "$LEAP_STATE"
}

# as the superuser of the cluster, in LEAP's database
sql()
{
    as_service env PGOPTIONS='-c client_min_messages=warning' "$pg_bin/psql" -XqAt -v ON_ERROR_STOP=1 \
        -h "$sockets" -U postgres -d "$DATABASE" "$@"
}

# pgbench OPTION...: prints transactions a second
rate()
{
    as_service "$pg_bin/pgbench" -h "$sockets" -U postgres -n -M prepared "$@" "$DATABASE" 2>"$LEAP_STATE/pgbench.log" |
        sed -n 's/^tps = \([0-9.]*\).*/\1/p' | grep . || { cat "$LEAP_STATE/pgbench.log" >&2; return 1; }
}

# ratio A B: A/B with two digits
ratio()
{
    awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'
}

trap end_server EXIT
"$root/docker/local/prefix.sh" >"$LEAP_STATE/install.log" 2>&1 || { cat "$LEAP_STATE/install.log" >&2; exit 1; }
"$root/docker/local/cluster.sh" create
"$root/docker/local/cluster.sh" start
as_service "$pg_bin/psql" -Xq -h "$sockets" -U postgres -d postgres -c "CREATE DATABASE $DATABASE"
tar -C "$root" -cf - sql | as_service tar -C "$LEAP_STATE/run" -xf -
as_service env PGOPTIONS='-c client_min_messages=warning' "$pg_bin/psql" -Xq1 -v ON_ERROR_STOP=1 -h "$sockets" -U postgres -d "$DATABASE" \
    -f "$LEAP_STATE/run/sql/deploy.sql"
