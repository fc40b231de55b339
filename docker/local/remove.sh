#!/bin/bash
# docker/local/remove.sh
#     Removes the state of the demo: database, recordings, published lessons.
# shellcheck source=docker/local/environment.sh
. "$(dirname "$0")/environment.sh"

[ -e "$state" ] || exit 0
[ -e "$state/run" ] || fail "$state does not look like a state of LEAP" "remove it by hand"
for part in serve worker cluster
do
    ! "$(dirname "$0")/$part.sh" status >/dev/null 2>&1 ||
        fail "the demo is running" "make down"
done
rm -rf "$state"
[ "$sockets" = "$state/run" ] || rm -rf "$sockets"
[ ! -L "$root/.leap" ] || rm "$root/.leap"
