#!/bin/bash
# tests/bench/trim_baseline.sh INPUT FOLDER mp3|direct|best
#     The trim stage as it is commonly built from the ffmpeg program: find the silence at both
#     ends, cut picture and sound by copying. With "mp3" the sound is first extracted to an MP3
#     for the speech service and the silence is searched there; with "direct" the silence is
#     searched in the recording itself and no MP3 is made. "best" is what can be made of these
#     programs with the outputs of leap-media: one pass over the sound for silence and speech
#     service, one cut whose sound begins with its picture and whose index stands in front.
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

passes=3
if [ "$way" = best ]
then
    passes=1
    ffmpeg -hide_banner -nostdin -nostats -y -i "$input" -vn -filter_complex \
        '[0:a:0]asplit[a][b];[a]silencedetect=noise=-40dB:d=2,anullsink;[b]aresample=16000[c]' \
        -map '[c]' -ac 1 "$folder/audio.wav" 2>"$folder/silence.txt"
else
    ffmpeg -hide_banner -nostdin -nostats -threads 1 -i "$sound" -vn \
        -af silencedetect=noise=-40dB:d=2 -f null - 2>"$folder/silence.txt"
fi
for ((i = 0; i < passes; i++))
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

if [ "$way" = best ]
then
    "${quiet[@]}" -ss "$start" -t "$length" -i "$input" -map 0:v:0 -map 0:a:0 -c copy \
        -movflags +faststart "$folder/video.mp4"
    exit
fi
"${quiet[@]}" -i "$input" -ss "$start" -t "$length" -map 0:v:0 -map 0:a:0 -c copy \
    "$folder/video.mp4"
"${quiet[@]}" -ss "$start" -t "$length" -i "$sound" -vn -map 0:a:0 -c copy "$copied"
