#!/bin/bash
# tests/bench/topics.sh [LECTURES]
#     How well the embedded provider finds topics (Pk and WindowDiff, 0 is perfect) beside an even
#     division and one by chance that are told the number of topics, over so many lectures of each
#     kind (20); titles it gives; and what a lecture of three hours takes, in seconds and MB. The
#     lectures are made of Debian's documentation (tests/tap/lib/TopicCorpus.pm).
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd -P)
work=${LEAP_BENCH_WORK:-$root/build/bench}/topics

mkdir -p "$work"
cd "$work"
LEAP_BUILD=${LEAP_BUILD:-$root/build} exec perl -I/usr/lib/postgresql/15/lib/pgxs/src/test/perl \
    -I"$root/tests/tap/lib" "$root/tests/bench/topics.pl" "${1:-20}"
