#!/bin/bash
# tests/bench/upload.sh [ROUNDS [GIGABYTES [PLATFORM]]]
#     A video of 4 GB (or so many) sent to an upload session of youtube, or to a bucket (s3), on this machine, by a child of the
#     worker in pieces and by the program curl in one request, in turn: bytes a second and seconds of
#     processors of each, their ratios, and the most memory that the child had beyond what it has before it begins. Prints
#     the medians of ROUNDS (default 5). The server takes the bytes and forgets them.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)

export LEAP_BUILD=${LEAP_BUILD:-$root/build}
[ -x "$LEAP_BUILD/bin/leap" ] || { echo "upload.sh: run \`make all\` first" >&2; exit 1; }
out=$(mktemp -d "${TMPDIR:-/tmp}/leap-upload-XXXXXX")
trap 'rm -r "$out"' EXIT
cd "$out"
PERL5LIB=/usr/lib/postgresql/15/lib/pgxs/src/test/perl:$root/tests/tap/lib:$root/tests/bench \
    perl "$root/tests/bench/upload.pl" "${1:-5}" "${2:-4}" "${3:-youtube}"
