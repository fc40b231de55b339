# docker/local/program.sh
#     Sourced by worker.sh and serve.sh, which have set `program`, the subcommand of leap that runs in the background.
#
# The program inherits a lock on run/$program.lock: as long as it lives the lock is held, so a
# recorded process id is believed only while somebody holds the lock. Who only looks takes a
# shared lock, for lookers must not find each other, and who starts waits for them: they are
# quick. It is the children of a killed program that may hold the lock for a moment longer.
# shellcheck shell=bash
# shellcheck source=docker/local/environment.sh
. "$(dirname "$0")/environment.sh"

lock=$state/run/${program:?}.lock
# where the page and the lessons are; worker and server must agree
listen=${LEAP_LISTEN:-127.0.0.1:8080}
[[ $listen = *:* ]] || listen=127.0.0.1:$listen
# shellcheck disable=SC2034
port=${listen##*:}
export LEAP_LIBRARY_URL=${LEAP_LIBRARY_URL-http://$listen/library}

pid_file=$state/run/$program.pid
log=$state/log/$program.log

is_running()
{
    # shellcheck disable=SC2016
    as_service sh -c '
        test -s "$1" && kill -0 "$(cat "$1")" 2>/dev/null && ! flock --shared --nonblock "$2" true
    ' is_running "$pid_file" "$lock"
}

# launch: false when it ended soon after its start, as one that cannot work does
launch()
{
    [ -x "$prefix/bin/leap" ] || fail "the programs are not installed" "make demo"
    rotate "$log"
    # shellcheck disable=SC2016
    as_service setsid sh -c '
        exec 9>"$1"
        flock --wait 4 9 || exit 0
        echo $$ >"$2"
        exec "$3" "$4"
    ' "$program" "$lock" "$pid_file" "$state/leap" "$program" </dev/null >>"$log" 2>&1 &
    local tries=50
    until is_running || [ $((tries -= 1)) = 0 ]
    do
        sleep 0.1
    done
    sleep 0.3
    is_running
}

terminate()
{
    as_service sh -c "kill -TERM \$(cat '$pid_file')"
}

# gone SECONDS
gone()
{
    as_service flock --wait "$1" "$lock" true
}
