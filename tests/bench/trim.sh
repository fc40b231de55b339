#!/bin/bash
# tests/bench/trim.sh [ROUNDS]
#     The trim stage of an hour's lecture: leap-media beside the same made with the ffmpeg
#     program, as it is commonly done (mp3) and as well as it can be done (direct, best). Prints
#     the fastest of ROUNDS (default 3) with the processor time of all processes, the resident set
#     of the largest, and how many bytes all of them read and wrote. Then 41 parts of the lecture
#     put together: leap-media's exact cuts beside encoding it all anew (one round; what encoding takes
#     is measured with the first LEAP_BENCH_ENCODE seconds of them, 300, and multiplied).
#
#     The lecture is made once, under build/bench; LEAP_BENCH_LECTURE names another recording.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/tests/bench
media=${LEAP_MEDIA:-$root/build/libexec/leap-media}
work=${LEAP_BENCH_WORK:-$root/build/bench}
lecture=${LEAP_BENCH_LECTURE:-$work/lecture60.mp4}
parts=${LEAP_BENCH_PARTS:-41}
out=$work/trim

# kept NAME: start or end of what is to be kept, from the analysis
kept() { sed -n "s/.*\"keep\":{[^}]*\"$1\":\([0-9.]*\).*/\1/p" "$out/analysis.json"; }

analyse()
{
    "$media" analyse --input 3 --envelope 4 --audio 5 --poster 6 --waveform 7 --threads "$1" \
        3<"$lecture" 4>"$out/envelope" 5>"$out/audio.wav" 6>"$out/poster.jpg" 7>"$out/waveform" \
        >"$out/analysis.json"
}

# cut SPANS MODE
cut_out()
{
    "$media" cut --input 3 --output 4 --keep "$1" --mode "$2" 3<"$lecture" 4<>"$out/video.mp4" \
        >"$out/cut.json"
}

# As many parts as there are cuts wanted, none of which begins or ends with a key frame but by
# chance: each loses some seconds before the next.
part_list()
{
    awk -v from="$(kept start)" -v to="$(kept end)" -v parts="$parts" 'BEGIN {
        length_of = (to - from) / parts
        for (i = 0; i < parts; i++)
            printf "%s%.3f-%.3f", i ? "," : "", from + i * length_of + (i * 7 % 10) / 20,
                from + (i + 1) * length_of - length_of / 20 }'
}

# the first of them, a line each, as many as fill the time that is encoded
first_parts()
{
    part_list | tr ',' '\n' | awk -F- -v most="${LEAP_BENCH_ENCODE:-300}" '
        NR == 1 || sum < most { print }
        { sum += $2 - $1 }'
}

# seconds: how long the parts of standard input are together
seconds() { awk -F- '{ sum += $2 - $1 } END { printf "%.3f\n", sum }'; }

encode_parts()
{
    local condition
    condition=$(first_parts | sed 's/\(.*\)-\(.*\)/between(t,\1,\2)/' | paste -sd+)
    ffmpeg -hide_banner -nostdin -nostats -loglevel error -y -to "$(first_parts | tail -n 1 | cut -d- -f2)" \
        -i "$lecture" -filter_complex \
        "[0:v]select='$condition',setpts=N/FRAME_RATE/TB[v];[0:a]aselect='$condition',asetpts=N/SR/TB[a]" \
        -map '[v]' -map '[a]' -c:v libx264 -preset veryfast -crf 23 -c:a aac -b:a 128k \
        -movflags +faststart "$out/video.mp4"
}

copy_out()
{
    ffmpeg -hide_banner -nostdin -nostats -loglevel error -y -ss "$(kept start)" -to "$(kept end)" \
        -i "$lecture" -map 0:v:0 -map 0:a:0 -c copy "$@" "$out/video.mp4"
}

step()
{
    rm -f "$out/video.mp4"
    case $1 in
        stage) analyse "$2" && cut_out "$(kept start)-$(kept end)" copy ;;
        cut) cut_out "$(kept start)-$(kept end)" copy ;;
        copy) copy_out "${@:2}" ;;
        exact) cut_out "$(part_list)" exact ;;
        encode) encode_parts ;;
        ffmpeg) "$here/trim_baseline.sh" "$lecture" "$out" "$2" ;;
    esac
    # what all processes that have ended below this one read and wrote is counted for it
    sed -n 's/^[rw]char: //p' "/proc/$$/io" >"$out/io"
}

if [ "${1:-}" = --step ]
then
    step "${@:2}"
    exit
fi

rounds=${1:-3}
[ -x "$media" ] || { echo "trim.sh: $media is missing; run \`make all\`" >&2; exit 1; }
[ -e "$lecture" ] || { echo "making $lecture ..." >&2; "$here/lecture60.sh" "$lecture"; }
mkdir -p "$out"
bytes=$(stat -L -c %s "$lecture")

# measure ROUNDS LABEL STEP...: "LABEL wall cpu rss read written video" of the fastest round
measure()
{
    local label=$2
    for ((i = 0; i < $1; i++))
    do
        /usr/bin/time -f '%e %U %S %M' -o "$out/time" "$0" --step "${@:3}" >"$out/log" 2>&1 ||
            { cat "$out/log" >&2; exit 1; }
        echo "$(tail -n 1 "$out/time") $(tr '\n' ' ' <"$out/io") $(stat -c %s "$out/video.mp4")"
    done | sort -n | head -n 1 |
        awk -v label="$label" '{ printf "%s %.2f %.2f %.0f %.0f %.0f %.0f\n", label, $1, $2 + $3, $4 / 1024, $5, $6, $7 }'
}

# table TITLE: the lines of measure, each beside the first
table()
{
    awk -v title="$1" -v bytes="$bytes" '
        NR == 1 { printf "%-22s %8s %8s %7s %7s %7s %8s %8s\n", title, "wall s", "CPU s", "RSS MB", "reads", "writes", "wall x", "CPU x"
                  wall = $2; cpu = $3 }
                { printf "%-22s %8.2f %8.2f %7.0f %7.2f %7.2f %7.1fx %7.1fx\n", $1, $2, $3, $4, $5 / bytes, $6 / $7, $2 / wall, $3 / cpu }'
}

cat "$lecture" >"$out/warm" # reads it into the page cache
rm "$out/warm"
analyse 2
echo "a recording of $((bytes / 1000000)) MB; reads: bytes read, of the recording's; writes: bytes written, of the new video's"
{
    measure "$rounds" leap-media stage 2
    measure "$rounds" leap-media-1-thread stage 1
    measure "$rounds" leap-media-cut-only cut
    measure "$rounds" ffmpeg-mp3 ffmpeg mp3
    measure "$rounds" ffmpeg-direct ffmpeg direct
    measure "$rounds" ffmpeg-best ffmpeg best
} | table "trim stage"
echo
{
    measure "$rounds" leap-media cut
    measure "$rounds" ffmpeg copy
    measure "$rounds" ffmpeg-faststart copy -movflags +faststart
} | table "the cut alone"
echo
kept=$(part_list | tr ',' '\n' | seconds)
encoded=$(first_parts | seconds)
{
    measure 1 leap-media-exact exact
    measure 1 ffmpeg-encode encode | awk -v times="$kept" -v of="$encoded" '
        { print $1, $2 * times / of, $3 * times / of, $4, $5 * times / of, $6 * times / of, $7 * times / of }'
} | tee "$out/parts" | table "$parts parts"
duration=$(sed -n 's/.*"duration":\([0-9.]*\),.*/\1/p' "$out/analysis.json" | head -n 1)
awk -v bytes="$bytes" -v kept="$kept" -v duration="$duration" '
    { printf "%-22s %.0f MB, %.3f times its share of the recording\n", $1, $7 / 1e6, $7 / (bytes * kept / duration) }' "$out/parts"
echo "$kept s together; encoding: $encoded s of them measured"
rm -r "$out"
