#!/bin/bash
# tests/bench/speech.sh [RECORDING...]
#     What the embedded recogniser understands and what that takes: word error rate, share of
#     wrong, missing and added words, mean confidence, processor seconds and clock for a second of
#     sound with one thread and two, and the largest resident set. Then, for a lecture, the same by
#     the recogniser's own command line program with the same model. tests/media/speech.pl makes
#     the recordings, real and synthetic, and tells where they come from.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
media=${LEAP_MEDIA:-$root/build/libexec/leap-media}
work=${LEAP_BENCH_WORK:-$root/build/bench}/speech
model=/usr/share/pocketsphinx/model/en-us
recordings=(librivox prompts-all prompts noise telephone hall flite-rms flite-slt flite-awb flite-kal16 espeak espeak-ru prompts-ru)
[ $# = 0 ] || recordings=("$@")
beside=${LEAP_BENCH_BESIDE:-prompts-all}

mkdir -p "$work"

# measured FILE COMMAND...: user and system seconds, clock, kB into FILE; what it says is dropped
measured()
{
    local into=$1

    shift
    /usr/bin/time -o "$into" -f '%U %S %e %M' "$@" 2>/dev/null
}

# heard NAME THREADS: the transcript, and what it took
heard()
{
    # shellcheck disable=SC2016 # the inner shell's
    measured "$work/$1.time$2" bash -c 'exec "$0" transcribe --audio 3 --start 0 --end "$3" --threads "$2" 3<"$1"' \
        "$media" "$work/$1.wav" "$2" "$(seconds "$1")" >"$work/$1.json$2"
}

seconds() { awk -v bytes="$(stat -c %s "$work/$1.wav")" 'BEGIN { printf "%.3f\n", (bytes - 44) / 32000 }'; }

# part NAME WAY COLUMN: processor ("cpu"), clock ("wall") for a second of sound, or MB
took()
{
    awk -v s="$(seconds "$1")" -v what="$3" 'END {
        if (what == "cpu") printf "%.3f\n", ($1 + $2) / s
        else if (what == "wall") printf "%.3f\n", $3 / s
        else printf "%d\n", $4 / 1024 }' "$work/$1.time$2"
}

printf '%-12s %6s %6s  %5s %4s %4s %4s %6s %6s  %s\n' recording s words 'WER %' sub del ins conf same 'cpu/s   wall/s (1, 2 threads)   MB (1, 2)'
for name in "${recordings[@]}"
do
    "$root/tests/media/speech.pl" "$work" "$name"
    heard "$name" 1
    heard "$name" 2
    words=$("$root/tests/media/wer.pl" "$work/$name.txt" "$work/$name.json1")
    [[ $words =~ WER=([0-9.]+)\ sub=([0-9]+)\ del=([0-9]+)\ ins=([0-9]+)\ ref=([0-9]+) ]]
    same=no
    ! cmp -s "$work/$name.json1" "$work/$name.json2" || same=yes
    printf '%-12s %6.0f %6d  %5.1f %4d %4d %4d %6s %6s  %s  %s, %s   %s, %s\n' "$name" "$(seconds "$name")" "${BASH_REMATCH[5]}" \
        "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" "${BASH_REMATCH[3]}" "${BASH_REMATCH[4]}" \
        "$(jq -r '.statistics.mean_confidence // "-"' "$work/$name.json1")" "$same" "$(took "$name" 1 cpu)" \
        "$(took "$name" 1 wall)" "$(took "$name" 2 wall)" "$(took "$name" 1 mb)" "$(took "$name" 2 mb)"
done

# Its own program: one thread, silence dropped by it, no times kept true.
"$root/tests/media/speech.pl" "$work" "$beside"
[ -s "$work/$beside.time2" ] || { heard "$beside" 1; heard "$beside" 2; }
measured "$work/$beside.timeown" pocketsphinx_continuous -infile "$work/$beside.wav" -hmm "$model/en-us" -lm "$model/en-us.lm.bin" \
    -dict "$model/cmudict-en-us.dict" -logfn /dev/null >"$work/$beside.own"
printf '\n%s: clock of the own program, %s with the same model; leap-media with one thread and two: times as fast\n' "$beside" pocketsphinx_continuous
printf '%-28s %8s %8s %8s %s\n' '' 'cpu/s' 'wall/s' MB words
printf '%-28s %8s %8s %8s %s\n' pocketsphinx_continuous "$(took "$beside" own cpu)" "$(took "$beside" own wall)" "$(took "$beside" own mb)" \
    "$("$root/tests/media/wer.pl" "$work/$beside.txt" "$work/$beside.own")"
for threads in 1 2
do
    printf '%-28s %8s %8s %8s %s  %s times as fast\n' "leap-media, threads: $threads" "$(took "$beside" $threads cpu)" "$(took "$beside" $threads wall)" \
        "$(took "$beside" $threads mb)" "$("$root/tests/media/wer.pl" "$work/$beside.txt" "$work/$beside.json$threads")" \
        "$(awk -v a="$(took "$beside" own wall)" -v b="$(took "$beside" $threads wall)" 'BEGIN { printf "%.1f", a / b }')"
done
