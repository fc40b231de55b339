#!/bin/bash
# tests/bench/guard.sh [ROUNDS]
#     What the state guard costs: an UPDATE that moves 100,000 rows, without a guard, with the
#     C guard, and with an equivalent guard in PL/pgSQL that reads the same table of moves.
#     Median of the rounds, interleaved.
# shellcheck source=tests/bench/server.bash
. "$(dirname "$0")/server.bash"

rounds=${1:-5}

sql <<'SQL'
CREATE SCHEMA bench;
CREATE TABLE bench.moves AS SELECT * FROM leap.fsm();
CREATE UNIQUE INDEX ON bench.moves (entity, from_status, to_status, event);
CREATE FUNCTION bench.guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> OLD.state AND NOT EXISTS (SELECT FROM bench.moves m WHERE m.entity = 'task' AND m.from_status = OLD.state
                                              AND m.to_status = NEW.state AND m.event = 'claim') THEN
        RAISE EXCEPTION 'a task cannot go from % to %', OLD.state, NEW.state;
    END IF;
    RETURN NEW;
END $$;
CREATE TABLE bench.none (id int, state text, filler text) WITH (autovacuum_enabled = off);
CREATE TABLE bench.c (LIKE bench.none) WITH (autovacuum_enabled = off);
CREATE TABLE bench.plpgsql (LIKE bench.none) WITH (autovacuum_enabled = off);
CREATE TRIGGER guard BEFORE UPDATE ON bench.c FOR EACH ROW EXECUTE FUNCTION leap.fsm_guard('task', 'state', 'id');
CREATE TRIGGER guard BEFORE UPDATE ON bench.plpgsql FOR EACH ROW EXECUTE FUNCTION bench.guard();
SQL

# milliseconds TABLE NEW_STATE: moves all its rows
milliseconds()
{
    sql -c "TRUNCATE bench.$1" -c "INSERT INTO bench.$1 SELECT i, 'ready', repeat('x', 100) FROM generate_series(1, 100000) i" \
        -c "VACUUM ANALYZE bench.$1" -c CHECKPOINT
    sql -c '\timing on' -c "UPDATE bench.$1 SET state = $2" | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p'
}

median()
{
    sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

for ((i = 0; i < rounds; i++))
do
    milliseconds none "'running'" >>"$LEAP_STATE/none"
    milliseconds c "leap.move('claim', 'running')" >>"$LEAP_STATE/c"
    milliseconds plpgsql "'running'" >>"$LEAP_STATE/plpgsql"
done
none=$(median <"$LEAP_STATE/none")
c=$(median <"$LEAP_STATE/c")
plpgsql=$(median <"$LEAP_STATE/plpgsql")
printf 'UPDATE of 100,000 rows, median of %s rounds\n' "$rounds"
printf '%-22s %8.0f ms\n' 'no guard' "$none"
printf '%-22s %8.0f ms   %s x\n' 'guard in C' "$c" "$(ratio "$c" "$none")"
printf '%-22s %8.0f ms   %s x\n' 'guard in PL/pgSQL' "$plpgsql" "$(ratio "$plpgsql" "$none")"
awk -v n="$none" -v c="$c" -v p="$plpgsql" 'BEGIN { printf "the guard costs %.2f us a row in C, %.2f us in PL/pgSQL\n", (c - n) / 100, (p - n) / 100 }'
