#!/bin/bash
# docker/local/serve.sh start|stop|status|url|elsewhere
#     The HTTP server of the demo, on loopback. LEAP_LISTEN=[ADDRESS:]PORT chooses another place; a place that is taken
#     is told, and stops neither the demo nor the worker.
# shellcheck disable=SC2034
program=serve
# shellcheck source=docker/local/program.sh
. "$(dirname "$0")/program.sh"

address()
{
    as_service sed -n 's|.*\[\([0-9]*\)\] INFO: serving at \(http://[^ ]*\)$|\1 \2|p' "$log" |
        tail -n 1
}

# holder: who has the port, where that can be seen
holder()
{
    local who

    who=$(ss -Hltnp "sport = :$port" 2>/dev/null) && [ -n "$who" ] || return 0
    printf ': port %s is taken' "$port"
    [[ $who != *'(("'* ]] || printf ' by %s' "$(sed -n 's/.*(("\([^"]*\)",pid=\([0-9]*\).*/\1, process \2/p;q' <<<"$who")"
}

start()
{
    ! is_running || return 0
    launch || {
        tail -n 3 "$log" >&2
        say "the API is not served$(holder) (see $log); another place: LEAP_LISTEN=127.0.0.1:$((port + 1)) make up"
        return 0
    }
    status
}

stop()
{
    is_running || return 0
    terminate
    gone 45 || fail "the server of the API did not stop" "see $log"
    as_service rm -f "$pid_file"
}

status()
{
    local pid said tries=50
    is_running || fail "the API is not served" "make up"
    pid=$(as_service cat "$pid_file")
    until said=$(address) && [ "${said% *}" = "$pid" ]
    do
        [ $((tries -= 1)) != 0 ] || break
        sleep 0.1
    done
    say "the API is served at ${said#* }api/v1/ by process $pid; log in $log"
}

# where the API is, for who reads on; fails while it is not served
url()
{
    local said

    is_running && said=$(address) && printf '%sapi/v1/\n' "${said#* }"
}

case ${1:-} in
    start | stop | status | url) "$1" ;;
    elsewhere) say "The page is not served$(holder). Another place: LEAP_LISTEN=127.0.0.1:$((port + 1)) make up" ;;
    *) fail "serve.sh: unknown action \"${1:-}\"" "start, stop, status, url or elsewhere" ;;
esac
