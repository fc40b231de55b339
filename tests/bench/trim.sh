#!/bin/bash
# tests/bench/trim.sh [ROUNDS]
#     The trim stage of an hour's lecture: leap-media (analyse and cut) beside the same outputs
#     made with the ffmpeg program, with and without its MP3 step. Prints the best of ROUNDS
#     (default 3) and the ratios. The lecture is made once, under build/bench.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/tests/bench
media=${LEAP_MEDIA:-$root/build/libexec/leap-media}
work=$root/build/bench
lecture=$work/lecture60.mp4
rounds=${1:-3}
out=$work/trim

[ -x "$media" ] || { echo "trim.sh: $media is missing; run \`make all\`" >&2; exit 1; }
[ -e "$lecture" ] || { echo "making $lecture ..." >&2; "$here/lecture60.sh" "$lecture"; }
mkdir -p "$out"

# number NAME <JSON: the first number of that name
number() { sed -n "s/.*\"keep\":{[^}]*\"$1\":\([0-9.]*\).*/\1/p"; }

analyse_and_cut()
{
    "$media" analyse --input 3 --envelope 4 --audio 5 --poster 6 --threads "${1:-2}" \
        3<"$lecture" 4>"$out/envelope" 5>"$out/audio.wav" 6>"$out/poster.jpg" \
        >"$out/analysis.json"
    "$media" cut --input 3 --output 4 \
        --keep "$(number start <"$out/analysis.json")-$(number end <"$out/analysis.json")" \
        3<"$lecture" 4<>"$out/video.mp4" >"$out/cut.json"
}

# measure LABEL COMMAND...: "LABEL wall cpu rss" of the fastest round
measure()
{
    local label=$1
    shift
    for ((i = 0; i < rounds; i++))
    do
        /usr/bin/time -f '%e %U %S %M' -o "$out/time" "$@" >"$out/log" 2>&1 ||
            { cat "$out/log" >&2; exit 1; }
        tail -n 1 "$out/time"
    done | sort -n | head -n 1 |
        awk -v label="$label" '{ printf "%s %.2f %.2f %.0f\n", label, $1, $2 + $3, $4 / 1024 }'
}

if [ "${LEAP_BENCH_STEP:-}" != "" ]
then
    analyse_and_cut "$LEAP_BENCH_STEP"
    exit
fi

cat "$lecture" >"$out/warm" # reads it into the page cache; also what a plain copy costs
{
    LEAP_BENCH_STEP=2 measure leap-media "$0"
    LEAP_BENCH_STEP=1 measure leap-media-1-thread "$0"
    measure ffmpeg-mp3 "$here/trim_baseline.sh" "$lecture" "$out/mp3" mp3
    measure ffmpeg-direct "$here/trim_baseline.sh" "$lecture" "$out/direct" direct
} | awk '
    NR == 1 { printf "%-20s %8s %8s %8s %10s %10s\n", "trim of an hour", "wall s", "CPU s", "RSS MB", "wall ratio", "CPU ratio"
              wall = $2; cpu = $3 }
            { printf "%-20s %8.2f %8.2f %8.0f %9.1fx %9.1fx\n", $1, $2, $3, $4, $2 / wall, $3 / cpu }'
rm -r "$out"
