# docker/local/environment.sh
#     Sourced by the scripts beside it: where things are, and as whom they run.
#
# The database server refuses to run as root, and a worker that parses other people's
# recordings should not. So whoever is root lets both run as the system user `postgres`,
# who must be able to reach the folder of the state; everybody else runs them as himself.
#
#   LEAP_STATE   folder of the state: database, storage, library, logs. Default: .leap in
#                the checkout; when the service user cannot reach that (a checkout below
#                /root, say), /var/lib/leap-<hash of the checkout's path>, and .leap links
#                there.
#   LEAP_PREFIX  where programs and a private copy of PostgreSQL are installed. Default:
#                prefix below the state.
# shellcheck shell=bash

set -euo pipefail

PG_MAJOR=15
PG_SYSTEM=/usr/lib/postgresql/$PG_MAJOR
DATABASE=leap
export PG_SYSTEM DATABASE

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)

say()
{
    printf '%s\n' "$*"
}

# fail MESSAGE [HINT]
fail()
{
    printf 'leap: %s\n' "$1" >&2
    [ $# -lt 2 ] || printf 'hint: %s\n' "$2" >&2
    exit 1
}

# rotate LOG: a log of more than 10 MB becomes LOG.old; only while nobody writes it
rotate()
{
    [ "$(stat -c %s "$1" 2>/dev/null || echo 0)" -le 10000000 ] || mv -f "$1" "$1.old"
}

am_root()
{
    [ "$(id -u)" = 0 ]
}

become_service()
{
    setpriv --reuid="$service_user" --regid="$(id -g "$service_user")" --init-groups "$@"
}

# as_service COMMAND...: runs it as the user who owns the server and the worker. Paths must be
# absolute: that user may not be able to stand in the current folder.
as_service()
{
    if am_root
    then
        become_service env --chdir=/ -u XDG_RUNTIME_DIR HOME="$state" \
            USER="$service_user" "$@"
    else
        "$@"
    fi
}

name_hash()
{
    printf '%s' "$1" | sha256sum | cut -c1-8
}

# The service user has to pass every folder above the state.
reachable_by_service()
{
    ! am_root || become_service test -x "$1" 2>/dev/null
}

choose_state()
{
    if [ -n "${LEAP_STATE:-}" ]
    then
        state=$(realpath -m "$LEAP_STATE")
    elif [ -e "$root/.leap" ]
    then
        state=$(realpath "$root/.leap")
    elif reachable_by_service "$root"
    then
        state=$root/.leap
    else
        state=/var/lib/leap-$(name_hash "$root")
    fi
}

# `make install` takes blanks, quotes and the like for its own, and a colon separates import
# roots.
refuse_special_characters()
{
    local special="[][:space:][:cntrl:]['\"\\\$\`#%:;&|<>()?*={}!~]"

    ! [[ $1 =~ $special ]] ||
        fail "the path \"$1\" holds a blank, a quote or another special character" \
            "set $2 to a folder whose path has none: make demo $2=/var/tmp/leap"
}

# A socket's path has at most 107 bytes, and a comma separates paths; such a checkout gets
# another folder instead.
choose_socket_folder()
{
    sockets=$state/run
    if [ "${#sockets}" -gt 88 ] || [[ $sockets = *,* ]]
    then
        sockets=/tmp/leap-$(name_hash "$state")
    fi
}

# A cluster that exists belongs to somebody; root serves whoever it is.
choose_service_user()
{
    [ -d "$state/data" ] || return 0
    local owner
    owner=$(stat -c %U "$state/data")
    if am_root
    then
        service_user=$owner
    elif [ "$owner" != "$service_user" ]
    then
        fail "the database below $state belongs to user $owner" \
            "call make as root or as $owner, or set LEAP_STATE to another folder"
    fi
}

service_user=$(id -un)
! am_root || service_user=postgres
choose_state
refuse_special_characters "$state" LEAP_STATE
choose_service_user
choose_socket_folder
prefix=${LEAP_PREFIX:-$state/prefix}
refuse_special_characters "$prefix" LEAP_PREFIX
# shellcheck disable=SC2034
pg_bin=$prefix/lib/postgresql/$PG_MAJOR/bin
