#!/bin/bash
# tests/bench/growing.sh [ROUNDS]
#     An hour's lecture looked at while it is fetched from a throttled server on this machine:
#     how long after the last byte the analysis is ready, and how much of the file it read; with
#     the index in front, at the end, and in fragments, and beside it the same once more when all
#     is there. Prints the median of ROUNDS (default 3) and the longest.
#
#     The lecture is made once, under build/bench; LEAP_BENCH_LECTURE names another recording,
#     LEAP_BENCH_PACE the bytes a second (20000000).
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/tests/bench
work=${LEAP_BENCH_WORK:-$root/build/bench}
lecture=${LEAP_BENCH_LECTURE:-$work/lecture60.mp4}
rounds=${1:-3}

export LEAP_BUILD=${LEAP_BUILD:-$root/build}
[ -x "$LEAP_BUILD/libexec/leap-media" ] || { echo "growing.sh: run \`make all\` first" >&2; exit 1; }
[ -e "$lecture" ] || { echo "making $lecture ..." >&2; "$here/lecture60.sh" "$lecture"; }
out=$(mktemp -d "${TMPDIR:-/tmp}/leap-growing-XXXXXX")
trap 'rm -r "$out"' EXIT
cd "$out"

# remux NAME OPTION...: the lecture in another order
remux() { ffmpeg -hide_banner -nostdin -v error -y -i "$lecture" -c copy "${@:2}" "$1"; }

remux end.mp4
remux front.mp4 -movflags +faststart
remux fragmented.mp4 -movflags frag_keyframe+empty_moov
PERL5LIB=/usr/lib/postgresql/15/lib/pgxs/src/test/perl:$root/tests/tap/lib \
    perl "$here/growing.pl" "$rounds" "${LEAP_BENCH_PACE:-20000000}" front.mp4 end.mp4 fragmented.mp4
