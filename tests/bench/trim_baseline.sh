#!/bin/bash
# tests/bench/trim_baseline.sh INPUT FOLDER mp3|direct
#     The trim stage as it is commonly built from the ffmpeg program: find the silence at both
#     ends, cut picture and sound by copying. With "mp3" the sound is first extracted to an MP3
#     for the speech service and the silence is searched there; with "direct" the silence is
#     searched in the recording itself and no MP3 is made.
set -euo pipefail

input=$1
folder=$2
way=$3
padding=5
mkdir -p "$folder"
quiet=(ffmpeg -hide_banner -nostdin -nostats -loglevel error -y)

sound=$input
copied=$folder/audio.m4a
if [ "$way" = mp3 ]
then
    sound=$folder/full.mp3
    copied=$folder/audio.mp3
    "${quiet[@]}" -i "$input" -vn -map 0:a:0 -acodec libmp3lame -ab 64k -ar 16000 -ac 1 \
        "$sound"
fi

ffmpeg -hide_banner -nostdin -nostats -threads 1 -i "$sound" -vn \
    -af silencedetect=noise=-40dB:d=2 -f null - 2>"$folder/silence.txt"
for _ in 1 2 3
do
    ffprobe -v quiet -print_format json -show_format -show_streams "$input" \
        >"$folder/probe.json"
done
duration=$(sed -n 's/.*"duration": "\([0-9.]*\)".*/\1/p' "$folder/probe.json" | tail -n 1)

# the first silence that begins at 0 and the last that reaches the end
read -r start length < <(awk -v duration="$duration" -v padding="$padding" '
    /silence_start/ { for (i = 1; i < NF; i++) if ($i == "silence_start:") from = $(i + 1) }
    /silence_end/   { for (i = 1; i < NF; i++) if ($i == "silence_end:") to = $(i + 1)
                      if (!seen++ && from <= 0.1) first = to
                      last_from = from; last_to = to }
    END { end = last_to > duration - 0.1 ? last_from + padding : duration
          start = first > padding ? first - padding : 0
          printf "%.3f %.3f\n", start, (end < duration ? end : duration) - start }
    ' "$folder/silence.txt")

"${quiet[@]}" -i "$input" -ss "$start" -t "$length" -map 0:v:0 -map 0:a:0 -c copy \
    "$folder/video.mp4"
"${quiet[@]}" -ss "$start" -t "$length" -i "$sound" -vn -map 0:a:0 -c copy "$copied"
