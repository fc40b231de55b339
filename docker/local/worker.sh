#!/bin/bash
# docker/local/worker.sh start|stop|status
#     The background worker of the demo.
#
# The worker inherits a lock on run/worker.lock: as long as it lives the lock is held, so a
# recorded process id is believed only while somebody holds the lock. Who only looks takes a
# shared lock, for lookers must not find each other, and who starts waits for them: they are
# quick. It is the programs of a killed worker that may hold the lock for a moment longer.
# shellcheck source=docker/local/environment.sh
. "$(dirname "$0")/environment.sh"

lock=$state/run/worker.lock
pid_file=$state/run/worker.pid
log=$state/log/worker.log

is_running()
{
    # shellcheck disable=SC2016
    as_service sh -c '
        test -s "$1" && kill -0 "$(cat "$1")" 2>/dev/null && ! flock --shared --nonblock "$2" true
    ' is_running "$pid_file" "$lock"
}

start()
{
    ! is_running || return 0
    [ -x "$prefix/bin/leap" ] || fail "the programs are not installed" "make demo"
    rotate "$log"
    # shellcheck disable=SC2016
    as_service setsid sh -c '
        exec 9>"$1"
        flock --wait 4 9 || exit 0
        echo $$ >"$2"
        exec "$3" worker
    ' worker "$lock" "$pid_file" "$state/leap" </dev/null >>"$log" 2>&1 &
    local tries=50
    until is_running || [ $((tries -= 1)) = 0 ]
    do
        sleep 0.1
    done
    # a worker that cannot work ends soon after its start
    sleep 0.3
    is_running || {
        tail -n 5 "$log" >&2
        fail "the worker did not start" "see $log"
    }
}

stop()
{
    is_running || return 0
    as_service sh -c "kill -TERM \$(cat '$pid_file')"
    # running tasks get 30 seconds before they are handed back
    as_service flock --wait 1 "$lock" true ||
        say "waiting for running tasks, 30 seconds at most; what is not done then goes on after make up"
    as_service flock --wait 45 "$lock" true || fail "the worker did not stop" "see $log"
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
