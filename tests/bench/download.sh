#!/bin/bash
# tests/bench/download.sh [ROUNDS [GIGABYTES]]
#     A file of 4 GB (or so many) fetched over HTTP on this machine, by a child of the worker and by the program curl, in turn:
#     bytes a second and seconds of processors of each, their ratios, and the most memory that the child had beyond what it
#     has before it begins. The child also computes the SHA-256 of what arrives, which curl does not. What looks into the recording
#     is a stand-in that answers at once. Prints the medians of ROUNDS (default 5).
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)

export LEAP_BUILD=${LEAP_BUILD:-$root/build}
[ -x "$LEAP_BUILD/bin/leap" ] || { echo "download.sh: run \`make all\` first" >&2; exit 1; }
out=$(mktemp -d "${TMPDIR:-/tmp}/leap-download-XXXXXX")
trap 'rm -r "$out"' EXIT
cd "$out"
LEAP_ROOT=$root PERL5LIB=/usr/lib/postgresql/15/lib/pgxs/src/test/perl:$root/tests/tap/lib:$root/tests/bench \
    perl "$root/tests/bench/download.pl" "${1:-5}" "${2:-4}"
