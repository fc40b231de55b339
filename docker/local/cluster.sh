#!/bin/bash
# docker/local/cluster.sh create|start|stop|status
#     The private PostgreSQL cluster below $LEAP_STATE.
#
# No TCP: the only way in is a socket in a folder that only the service user (and root) can
# enter, so connections need no password.
# shellcheck source=docker/local/environment.sh
. "$(dirname "$0")/environment.sh"

data=$state/data

make_folders()
{
    local folder

    mkdir -p "$state"
    for folder in "$data" "$state/run" "$state/log" "$state/storage" "$state/library" \
        "$state/inbox"
    do
        [ -d "$folder" ] ||
            install -d -m 750 -o "$service_user" -g "$(id -gn "$service_user")" "$folder"
    done
    chmod 700 "$data" "$state/run"
    chmod 755 "$state/library"
    [ "$state" = "$root/.leap" ] || [ -n "${LEAP_STATE:-}" ] || ln -sfn "$state" "$root/.leap"
}

# A socket folder below /tmp could have been put there by somebody else.
make_socket_folder()
{
    [ -e "$sockets" ] || install -d -m 700 -o "$service_user" "$sockets"
    if [ -L "$sockets" ] || [ "$(stat -c '%U %a' "$sockets")" != "$service_user 700" ]
    then
        fail "$sockets is not a private folder of user $service_user" \
            "remove it, or set LEAP_STATE to a folder with a short path"
    fi
}

# What the server must know beyond its defaults; written anew at each start, because the
# folders may have moved and /dev/shm may be missing (a bare chroot).
write_settings()
{
    local memory=posix

    as_service test -w /dev/shm || memory=mmap
    as_service tee "$data/leap.conf" >/dev/null <<SETTINGS
listen_addresses = ''
unix_socket_directories = '$sockets'
unix_socket_permissions = 0700
dynamic_shared_memory_type = $memory
max_worker_processes = 16
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d '
shared_preload_libraries = 'pg_cron,leap'
cron.database_name = 'postgres'
cron.use_background_workers = on
cron.log_statement = off
cron.log_min_messages = warning
leap.import_roots = '$state/inbox'
SETTINGS
}

create()
{
    [ ! -e "$data/PG_VERSION" ] || return 0
    make_folders
    as_service "$pg_bin/initdb" --pgdata="$data" --username=postgres --auth=trust \
        --encoding=UTF8 --locale=C.UTF-8 --no-instructions >"$state/log/initdb.log" 2>&1 ||
        fail "the database cluster could not be created" "see $state/log/initdb.log"
    as_service sh -c "echo \"include 'leap.conf'\" >>'$data/postgresql.conf'"
}

is_running()
{
    as_service "$pg_bin/pg_ctl" --pgdata="$data" status >/dev/null 2>&1
}

# pg_ctl's words matter only when it fails: after a crash it warns of a server that is gone.
start_server()
{
    local said

    said=$(as_service "$pg_bin/pg_ctl" --pgdata="$data" --log="$state/log/server.log" \
        --silent --wait --timeout=60 start 2>&1) && return
    say "$said" >&2
    tail -n 5 "$state/log/server.log" >&2
    fail "the database server did not start" "see $state/log/server.log"
}

start()
{
    as_service test -e "$data/PG_VERSION" || fail "there is no database yet" "make demo"
    ! is_running || return 0
    make_socket_folder
    write_settings
    rotate "$state/log/server.log"
    start_server
}

stop()
{
    ! is_running || as_service "$pg_bin/pg_ctl" --pgdata="$data" --silent --mode=fast \
        --wait --timeout=60 stop ||
        fail "the database server did not stop" "see $state/log/server.log"
}

status()
{
    is_running || fail "the database server is not running" "make up"
    say "the database server is running; socket in $sockets"
}

case ${1:-} in
    create | start | stop | status) "$1" ;;
    *) fail "cluster.sh: unknown action \"${1:-}\"" "create, start, stop or status" ;;
esac
