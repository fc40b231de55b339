#!/bin/bash
# tests/bench/audit.sh [ROUNDS]
#     What the audit log costs: a row changed and one entry written, and the same change without the entry; from psql, and
#     with the claims, address and agent of a request; then a change that people make (leap.set_quota), which does more. One
#     client, each change a transaction, commits not waited for; windows of 5 changes, silent and audited in turn: the
#     least and the median of all windows (where other things run, the least tells). Last, what sealing and proving it all takes.
# shellcheck source=tests/bench/server.bash
. "$(dirname "$0")/server.bash"

rounds=${1:-10}

sql <<'SQL' >"$LEAP_STATE/setup"
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
CREATE TABLE bench.bodies AS SELECT pg_get_functiondef(p.oid) AS audited, replace(pg_get_functiondef(p.oid), p.prosrc, ' BEGIN END ') AS silent
FROM pg_proc p WHERE p.oid = 'leap.audit'::regproc;
CREATE TABLE bench.windows (change text, kind text, us float8);
SELECT leap.add_user('bench@example.org');
CREATE PROCEDURE bench.measure(change text, kind text, windows int) LANGUAGE plpgsql AS $$
DECLARE
    began timestamptz;
BEGIN
    EXECUTE (SELECT CASE kind WHEN 'audited' THEN b.audited ELSE b.silent END FROM bench.bodies b);
    IF change <> 'psql' THEN
        PERFORM set_config('request.jwt.claims', '{"sub": "018f0000-0000-7000-8000-000000000000", "role": "leap_user"}', false),
                set_config('request.headers', '{"x-leap-client-address": "192.0.2.1", "user-agent": "Mozilla/5.0 (X11; Linux x86_64)"}', false);
    END IF;
    COMMIT;
    FOR w IN 0 .. windows LOOP
        began := clock_timestamp();
        FOR i IN 1 .. 5 LOOP
            IF change = 'set_quota' THEN
                PERFORM leap.set_quota('bench@example.org', 'storage_bytes', (w * 5 + i) || ' GB');
            ELSE
                PERFORM bench.change();
            END IF;
            COMMIT;
        END LOOP;
        -- the first window makes the plans
        INSERT INTO bench.windows SELECT change, kind, extract(epoch FROM clock_timestamp() - began) * 1e6 / 5 WHERE w > 0;
    END LOOP;
END $$;
SQL

for ((i = 0; i < rounds; i++))
do
    for change in psql request set_quota
    do
        windows=$([ "$change" = set_quota ] && echo 4 || echo 100)
        sql -c 'SET synchronous_commit = off' -c "CALL bench.measure('$change', 'silent', $windows)" >>"$LEAP_STATE/setup"
        sql -c 'SET synchronous_commit = off' -c "CALL bench.measure('$change', 'audited', $windows)" >>"$LEAP_STATE/setup"
    done
done
sql <<'SQL'
SELECT format('%s %s us without an entry (least, median), %s with it: %s x', rpad(change, 10), concat_ws(', ', s[1], s[2]), concat_ws(', ', a[1], a[2]),
              concat_ws(', ', round(a[1] / s[1], 2), round(a[2] / s[2], 2)))
FROM (SELECT change, max(us) FILTER (WHERE kind = 'silent') AS s, max(us) FILTER (WHERE kind = 'audited') AS a
      FROM (SELECT change, kind, ARRAY[min(us)::numeric(9, 1), (percentile_cont(0.5) WITHIN GROUP (ORDER BY us))::numeric(9, 1)] AS us FROM bench.windows GROUP BY 1, 2) w GROUP BY 1) x
ORDER BY s[1];
SQL

entries=$(sql -c 'SELECT count(*) FROM leap.audit_logs')
bytes=$(sql -c "SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('leap.audit_logs')")
began=$EPOCHREALTIME
while [ "$(sql -c 'SELECT leap.seal_audit()')" != 0 ]; do :; done
sealed=$EPOCHREALTIME
[ "$(sql -c "SELECT leap.audit_verify()->>'ok'")" = true ]
proved=$EPOCHREALTIME
awk -v n="$entries" -v b="$bytes" -v s="$began" -v t="$sealed" -v u="$proved" 'BEGIN {
    printf "%d entries, %.0f bytes each with their indexes; sealed in %.1f us, proved in %.1f us an entry\n", n, b / n, (t - s) * 1e6 / n, (u - t) * 1e6 / n }'
