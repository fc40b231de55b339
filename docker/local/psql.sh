#!/bin/bash
# docker/local/psql.sh [ARGUMENT...]
#     psql in the demo's database, as its superuser.
# shellcheck source=docker/local/environment.sh
. "$(dirname "$0")/environment.sh"

[ -x "$pg_bin/psql" ] || fail "there is no demo yet" "make demo"
exec env PGHOST="$sockets" PGUSER=postgres PGDATABASE="${PGDATABASE:-$DATABASE}" \
    "$pg_bin/psql" "$@"
