#!/bin/bash
# tests/bench/serve.sh [SECONDS]
#     Requests a second and p99 of `leap serve`, at 1, 16 and 64 connections: a recording by its
#     key, the page of 20 recordings with their stages and targets (100,000 recordings, a user
#     who has 20,000), a call of a function, an insert. Beside each: pgbench with the very
#     statements that the request became (taken from the server's log), all in one pipeline,
#     which is what a server of HTTP could reach at best. In the end: the memory of the server.
#
# wrk, pgbench, leap serve and PostgreSQL share the cores. Both columns are taken right after
# each other, so that the ratio means something on a busy machine, too.
#
#   BENCH_PROCESSES   processes of leap serve (default: one for each core)
#   BENCH_POOL        connections to the database of each (default: that of leap serve)
#   BENCH_KINDS       some of: key page call insert
#   BENCH_RECORDINGS  (100000)
# shellcheck shell=bash
# shellcheck disable=SC2034 # server.bash reads it
server_settings=("max_connections = 150" "synchronous_commit = off")
# shellcheck source=tests/bench/server.bash
. "$(dirname "$0")/server.bash"

seconds=${1:-5}
read -ra kinds <<<"${BENCH_KINDS:-key page call insert}"
serve_log=$LEAP_STATE/log/serve.log
serve_pid=
ids=16 # recordings that are asked for by key

at_end()
{
    [ -z "$serve_pid" ] || kill "$serve_pid" 2>/dev/null || true
}

fill()
{
    sql -v recordings="${BENCH_RECORDINGS:-100000}" >/dev/null <"$bench/library.sql"
    sql >/dev/null <<'SQL'
GRANT USAGE ON SCHEMA bench TO leap_user, leap_gateway;
CREATE TABLE bench.notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, word text NOT NULL, made timestamptz DEFAULT now());
GRANT INSERT, SELECT ON bench.notes TO leap_user;
CREATE FUNCTION bench.add(a int, b int) RETURNS int LANGUAGE sql STABLE AS 'SELECT a + b';
SQL
}

start_serve()
{
    local options=("--schemas=api,bench" --processes="${BENCH_PROCESSES:-0}")

    [ -z "${BENCH_POOL:-}" ] || options+=(--connections="$BENCH_POOL")
    serve_with "${options[@]}"
}

stop_serve()
{
    kill "$serve_pid"
    wait || true
    serve_pid=
}

# The newest first: ids are in the order of creation, and have the index.
path_of()
{
    case $1 in
        key) printf '/recordings?id=eq.%s' "$2" ;;
        page) printf '%s' '/recordings?select=id,display_name,status,start_time,failed,processing_stages(stage_name,status,progress),output_targets(target_type,status,url)&order=id.desc&limit=20' ;;
        call) printf '%s' '/rpc/add?a=1&b=2' ;;
        insert) printf '%s' '/notes' ;;
    esac
}

# the script of wrk for a kind
write_lua()
{
    {
        printf 'wrk.headers["Authorization"] = "Bearer %s"\n' "$token"
        [ "$1" = key ] || [ "$1" = page ] || printf 'wrk.headers["Accept-Profile"] = "bench"\nwrk.headers["Content-Profile"] = "bench"\n'
        if [ "$1" = insert ]
        then
            printf 'wrk.method = "POST"\nwrk.body = "{\\"word\\":\\"hello\\"}"\nwrk.headers["Content-Type"] = "application/json"\n'
        fi
        printf 'local paths = {}\n'
        for id in "${keys[@]}"
        do
            printf 'paths[#paths + 1] = "%s"\n' "$(path_of "$1" "$id")"
        done
        printf '%s\n' 'local n = 0' 'request = function() n = n % #paths + 1; return wrk.format(nil, paths[n]) end' \
            'local bad = 0' 'response = function(status) if status >= 300 then bad = bad + 1; if bad == 1 then print("status " .. status) end end end'
    } >"$LEAP_STATE/$1.lua"
}

# one request of a kind
ask()
{
    local options=(-sf -o /dev/null -H "Authorization: Bearer $token")

    [ "$1" = key ] || [ "$1" = page ] || options+=(-H "Accept-Profile: bench" -H "Content-Profile: bench")
    [ "$1" != insert ] || options+=(-H "Content-Type: application/json" -d '{"word":"hello"}')
    curl "${options[@]}" "$url$(path_of "$1" "$2")"
}

# writes what the requests of a kind became as scripts of pgbench, one for each key
write_scripts()
{
    local n=0 id size

    for id in "${keys[@]}"
    do
        n=$((n + 1))
        size=$(stat -c %s "$LEAP_STATE/log/server.log")
        ask "$1" "$id"
        tail -c "+$((size + 1))" "$LEAP_STATE/log/server.log" |
            perl "$bench/statements.pl" "$LEAP_STATE/$1.$n.sql" "$n" >>"$LEAP_STATE/$1.variables"
        [ "$1" = key ] || break
    done
    chmod a+r "$LEAP_STATE/$1".*
}

# wrk_rate KIND CONNECTIONS: sets $rate and $p99 (ms)
wrk_rate()
{
    local text

    text=$(wrk -t1 -c"$2" -d"${seconds}s" --latency -s "$LEAP_STATE/$1.lua" "$url")
    ! grep -E '^status|Non-2xx|Socket errors' <<<"$text" >&2 || fail "requests failed"
    rate=$(awk '/^Requests\/sec/ { print $2 }' <<<"$text")
    p99=$(awk '$1 == "99%" { v = $2; if (v ~ /us$/) v /= 1000; else if (v ~ /[0-9]s$/ && v !~ /ms$/) v *= 1000; else v += 0; printf "%.2f", v }' <<<"$text")
}

# pgbench_rate KIND CONNECTIONS: sets $limit
pgbench_rate()
{
    local options=() script

    mapfile -t options <"$LEAP_STATE/$1.variables"
    for script in "$LEAP_STATE/$1".*.sql
    do
        options+=(-f "$script")
    done
    limit=$(as_service "$pg_bin/pgbench" -h "$sockets" -U leap_gateway -n -M prepared -c "$2" -j 1 -T "$seconds" \
        "${options[@]}" "$DATABASE" 2>&1 | awk '/^tps/ { print $3 }')
    [ -n "$limit" ] || fail "pgbench could not run the statements of $1"
}

show_memory()
{
    local pid

    printf '\nmemory of leap serve after 64 connections, kB: '
    for pid in $(pgrep -P "$serve_pid")
    do
        awk -v pid="$pid" '/^Rss:/ { rss = $2 } /^Private_(Clean|Dirty):/ { own += $2 } END { printf "resident %d (its own %d)  ", rss, own }' "/proc/$pid/smaps_rollup"
    done
    printf '\n'
}

command -v wrk >/dev/null || fail "wrk is not installed" "make bench installs it"
fill
user=$(sql -c "SELECT id FROM bench.owners WHERE n = 1")
token=$(sql -c "WITH s AS (INSERT INTO leap.sessions (user_id, expires_at) VALUES ('$user', leap.clock() + interval '1 day') RETURNING id)
    SELECT leap.access_token(u, jsonb_build_object('sid', s.id), 86400) FROM leap.users u, s WHERE u.id = '$user'")
mapfile -t keys < <(sql -c "SELECT id FROM leap.recordings WHERE user_id = '$user' ORDER BY md5(id::text) LIMIT $ids")

# what requests become is read from the log, without the rows of statements that prepare
sql -c "ALTER ROLE leap_gateway SET log_statement = 'all'; ALTER ROLE leap_gateway SET log_parameter_max_length = -1"
start_serve
for kind in "${kinds[@]}"
do
    ask "$kind" "${keys[0]}"
    write_lua "$kind"
    write_scripts "$kind"
done
stop_serve
sql -c "ALTER ROLE leap_gateway RESET log_statement; ALTER ROLE leap_gateway SET log_parameter_max_length = 0"
start_serve

printf '%-8s %4s %12s %9s %14s %6s\n' kind conn requests/s 'p99 ms' "pgbench tps" ratio
for kind in "${kinds[@]}"
do
    for connections in 1 16 64
    do
        wrk_rate "$kind" "$connections"
        pgbench_rate "$kind" "$connections"
        printf '%-8s %4d %12.0f %9.2f %14.0f %6s\n' "$kind" "$connections" "$rate" "$p99" "$limit" "$(ratio "$rate" "$limit")"
    done
done
show_memory
