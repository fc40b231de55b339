#!/bin/bash
# docker/local/worker.sh start|stop|status
#     The background worker of the demo.
program=worker
# shellcheck source=docker/local/program.sh
. "$(dirname "$0")/program.sh"

start()
{
    ! is_running || return 0
    launch || {
        tail -n 5 "$log" >&2
        fail "the worker did not start" "see $log"
    }
}

stop()
{
    is_running || return 0
    terminate
    # running tasks get 30 seconds before they are handed back
    gone 1 || say "waiting for running tasks, 30 seconds at most; what is not done then goes on after make up"
    gone 45 || fail "the worker did not stop" "see $log"
    as_service rm -f "$pid_file"
}

status()
{
    is_running || fail "the worker is not running" "make up"
    say "the worker is running as process $(as_service cat "$pid_file"); log in $log"
}

case ${1:-} in
    start | stop | status) "$1" ;;
    *) fail "worker.sh: unknown action \"${1:-}\"" "start, stop or status" ;;
esac
