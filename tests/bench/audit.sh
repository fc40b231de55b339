#!/bin/bash
# tests/bench/audit.sh [ROUNDS] [SECONDS]
#     What the audit log costs: a row changed and one entry written, and the same change without the entry; from psql, and
#     with the claims, address and agent of a request; then a change that people make (leap.set_quota), which does more. Median of
#     the rounds, interleaved, one client, commits not waited for. Last, what sealing and proving it all takes.
# shellcheck source=tests/bench/server.bash
. "$(dirname "$0")/server.bash"

rounds=${1:-5}
seconds=${2:-3}

sql <<'SQL'
CREATE SCHEMA bench;
CREATE TABLE bench.thing (id int PRIMARY KEY, n int NOT NULL) WITH (fillfactor = 50);
INSERT INTO bench.thing SELECT i, 0 FROM generate_series(1, 1000) i;
CREATE FUNCTION bench.change() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    which int := 1 + floor(random() * 1000);
BEGIN
    UPDATE bench.thing t SET n = t.n + 1 WHERE t.id = which;
    PERFORM leap.audit('change', 'thing', which::text, '{"status": "INITIALIZED"}', '{"status": "DOWNLOADING"}');
END $$;
CREATE TABLE bench.bodies AS SELECT p.oid, pg_get_functiondef(p.oid) AS audited, replace(pg_get_functiondef(p.oid), p.prosrc, ' BEGIN END ') AS silent
FROM pg_proc p WHERE p.oid = 'leap.audit'::regproc;
SELECT leap.add_user('bench@example.org') IS NOT NULL \g /dev/null
SQL
request="SELECT set_config('request.jwt.claims', '{\"sub\": \"018f0000-0000-7000-8000-000000000000\", \"role\": \"leap_user\"}', true), set_config('request.headers', '{\"x-leap-client-address\": \"192.0.2.1\", \"user-agent\": \"Mozilla/5.0 (X11; Linux x86_64)\"}', true);"
printf 'SELECT bench.change();\n' >"$LEAP_STATE/psql"
printf 'BEGIN;\n%s\nSELECT bench.change();\nCOMMIT;\n' "$request" >"$LEAP_STATE/request"
printf '\\set gb random(1, 1000)\nBEGIN;\n%s\nSELECT leap.set_quota('"'bench@example.org', 'storage_bytes', :gb || ' GB'"');\nCOMMIT;\n' "$request" >"$LEAP_STATE/set_quota"

# microseconds CHANGE KIND: of one transaction, with leap.audit (audited) or without (silent)
microseconds()
{
    sql -c "DO \$\$ BEGIN EXECUTE (SELECT $2 FROM bench.bodies); END \$\$"
    as_service env PGOPTIONS='-c synchronous_commit=off' "$pg_bin/pgbench" -n -M prepared -c 1 -T "$seconds" -f "$LEAP_STATE/$1" \
        -h "$sockets" -U postgres "$DATABASE" 2>>"$LEAP_STATE/pgbench.log" |
        awk '/^latency average/ { print 1000 * $4 }'
}

median()
{
    sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

for ((i = 0; i < rounds; i++))
do
    for change in psql request set_quota
    do
        for kind in silent audited
        do
            microseconds "$change" "$kind" >>"$LEAP_STATE/$change.$kind"
        done
    done
done
printf 'a change, median of %s rounds of %s s\n' "$rounds" "$seconds"
for change in psql request set_quota
do
    without=$(median <"$LEAP_STATE/$change.silent")
    with=$(median <"$LEAP_STATE/$change.audited")
    printf '%-10s %6.0f us without an entry, %6.0f us with: %s x, %.0f us an entry\n' "$change" "$without" "$with" "$(ratio "$with" "$without")" \
        "$(awk -v a="$with" -v b="$without" 'BEGIN { print a - b }')"
done

entries=$(sql -c 'SELECT count(*) FROM leap.audit_logs')
bytes=$(sql -c "SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('leap.audit_logs')")
began=$EPOCHREALTIME
while [ "$(sql -c 'SELECT leap.seal_audit()')" != 0 ]; do :; done
sealed=$EPOCHREALTIME
[ "$(sql -c "SELECT leap.audit_verify()->>'ok'")" = true ]
proved=$EPOCHREALTIME
awk -v n="$entries" -v b="$bytes" -v s="$began" -v t="$sealed" -v u="$proved" 'BEGIN {
    printf "%d entries, %.0f bytes each with their indexes; sealed at %.1f us, proved at %.1f us an entry\n", n, b / n, (t - s) * 1e6 / n, (u - t) * 1e6 / n }'
