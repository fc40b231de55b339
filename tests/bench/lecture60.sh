#!/bin/bash
# tests/bench/lecture60.sh OUT.mp4
#     Makes a synthetic lecture of an hour: 720p at 25 pictures a second with a key frame every
#     10 s, syllables with breaths from 47.3 s to 3495 s, faint noise all along, and the index
#     at the end, as a recorder leaves it. Takes about a minute; nothing is downloaded.
set -euo pipefail

out=$1
work=$(mktemp -d "${TMPDIR:-/tmp}/leap-bench-XXXXXX")
trap 'rm -r "$work"' EXIT
quiet=(ffmpeg -hide_banner -nostdin -loglevel error -y)

# two minutes of picture, repeated without encoding
"${quiet[@]}" -f lavfi -i testsrc2=size=1280x720:rate=25 -t 120 -pix_fmt yuv420p \
    -c:v libx264 -preset veryfast -b:v 350k -maxrate 500k -bufsize 1000k -g 250 -bf 3 \
    "$work/picture.mp4"

# half a minute of voice: a buzz of 120 Hz in syllables of 150 ms, a breath every 6 s
voice="0.25*(sin(754*t)+sin(1508*t)/2+sin(2262*t+1)/2+sin(5280*t)/4+sin(9000*t)/6)"
voice+="*lt(mod(t,0.23),0.15)*lt(mod(t,6),5.4)*lt(mod(t,30),26)"
"${quiet[@]}" -f lavfi -i "aevalsrc='$voice':s=48000" -t 30 "$work/voice.wav"
"${quiet[@]}" -f lavfi -i anoisesrc=r=48000:a=0.0008:c=pink -t 3591 \
    -stream_loop 114 -i "$work/voice.wav" -filter_complex \
    "[1:a]atrim=end=3447.7,adelay=47300[v];[0:a][v]amix=inputs=2:duration=first:normalize=0,aformat=channel_layouts=stereo[o]" \
    -map '[o]' -t 3591 -c:a aac -b:a 128k "$work/sound.m4a"

"${quiet[@]}" -stream_loop 29 -i "$work/picture.mp4" -i "$work/sound.m4a" \
    -map 0:v -map 1:a -c copy -t 3591 "$work/lecture.mp4"
mkdir -p "$(dirname "$out")"
mv "$work/lecture.mp4" "$out"
