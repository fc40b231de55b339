#!/bin/bash
# docker/local/psql.sh [ARGUMENT...]
#     psql in the demo's database, as its superuser. LEAP's errors say all in message and hint:
#     where in a function they were raised is not shown.
# shellcheck source=docker/local/environment.sh
. "$(dirname "$0")/environment.sh"

[ -x "$pg_bin/psql" ] || fail "there is no demo yet" "make demo"
exec env PGHOST="$sockets" PGUSER=postgres PGDATABASE="${PGDATABASE:-$DATABASE}" \
    "$pg_bin/psql" -v SHOW_CONTEXT=never "$@"
