#!/bin/bash
# tests/bench/page.sh [ROUNDS [desc] [asc]]
#     Pages of 50 of a list of 100,000 recordings of one user, as the web page turns them: GET /recordings/browse over
#     HTTP, in every order and with every filter that it offers. For each the first, the tenth and the last page.
#
# Client, leap serve and PostgreSQL share the cores.
#
#   BENCH_RECORDINGS  (100000)
# shellcheck shell=bash
# shellcheck disable=SC2034 # server.bash reads it
server_settings=("synchronous_commit = off")
# shellcheck source=tests/bench/server.bash
. "$(dirname "$0")/server.bash"

serve_log=$LEAP_STATE/log/serve.log
serve_pid=

at_end()
{
    [ -z "$serve_pid" ] || kill "$serve_pid" 2>/dev/null || true
}

# What filters can tell apart: a third has one template and a hundredth another, half come from one source and a
# hundredth from another, a hundredth each is blank or deleted.
fill()
{
    sql -v recordings="${BENCH_RECORDINGS:-100000}" -v sole=true >/dev/null <"$bench/library.sql"
    sql >/dev/null <<'SQL'
SET session_replication_role = replica;
UPDATE leap.recordings r SET
    template_id = CASE WHEN p.i % 3 = 0 THEN '00000000-0000-7000-8000-000000000001'::uuid WHEN p.i % 100 = 1 THEN '00000000-0000-7000-8000-000000000002' END,
    input_source_id = CASE WHEN p.i % 2 = 0 THEN '00000000-0000-7000-8000-000000000003'::uuid WHEN p.i % 100 = 1 THEN '00000000-0000-7000-8000-000000000004' END,
    blank_record = p.i % 100 = 50,
    delete_state = CASE WHEN p.i % 100 = 60 THEN 'soft' ELSE 'active' END, deleted_at = CASE WHEN p.i % 100 = 60 THEN now() END
FROM bench.plan p WHERE p.id = r.id;
RESET session_replication_role;
SELECT leap.set_password('bench1@example.org', 'Quite a bench 1');
UPDATE leap.users SET is_verified = true WHERE email = 'bench1@example.org';
VACUUM (ANALYZE) leap.recordings;
SQL
}

fill
[ "$(sql -c "SELECT count(DISTINCT user_id) FROM leap.recordings")" = 1 ] || fail "the recordings have more than one owner"
serve_with --processes=1
perl "$bench/page.pl" "$url" "$(sql -c "SELECT email FROM leap.users u JOIN leap.recordings r ON r.user_id = u.id LIMIT 1")" "${1:-9}" "${@:2}"
