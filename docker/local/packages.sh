#!/bin/bash
# docker/local/packages.sh LIST...
#     Installs the Debian packages named in the lists; quick when nothing is missing.
#
# Debian's postgresql-15 would create and start a server of its own when it is installed.
# A policy file, present only during that installation, prevents it; a server that exists
# already is not touched.
# shellcheck source=docker/local/environment.sh
. "$(dirname "$0")/environment.sh"

names()
{
    sed 's/#.*//' "$@" | tr -s ' \t' '\n' | sed '/^$/d' | sort -u
}

is_installed()
{
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

as_root()
{
    if am_root
    then
        "$@"
    else
        sudo -- "$@"
    fi
}

install_missing()
{
    local policy=/etc/postgresql-common/createcluster.d/leap-no-cluster.conf
    local log=$root/build/packages.log

    mkdir -p "${log%/*}"
    as_root apt-get update -q >"$log" 2>&1 || say "apt-get update failed; going on with the lists there are"
    is_installed "postgresql-$PG_MAJOR" || as_root sh -c \
        "mkdir -p '${policy%/*}' && echo 'create_main_cluster = false' >'$policy'"
    local failed=0
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
        --no-install-recommends "$@" >>"$log" 2>&1 || failed=1
    as_root sh -c "rm -f '$policy' && rmdir '${policy%/*}' 2>/dev/null || true"
    [ $failed = 0 ] || {
        grep -E '^[EW]:' "$log" >&2
        fail "apt-get could not install: $*" "see $log"
    }
}

command -v apt-get >/dev/null || fail "this machine has no apt-get" \
    "LEAP is built on Debian 12; elsewhere install what docker/local/packages names"

# no process substitution here: a bare chroot has no /proc
mapfile -t wanted <<<"$(names "$@")"
missing=()
for package in "${wanted[@]}"
do
    is_installed "$package" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

say "installing ${#missing[@]} Debian packages, which takes a minute or two: ${missing[*]}"
if ! am_root && ! command -v sudo >/dev/null
then
    fail "installing packages needs root, and there is no sudo" \
        "as root: apt-get install --no-install-recommends ${missing[*]}"
fi
install_missing "${missing[@]}"
