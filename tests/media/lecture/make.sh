#!/bin/bash
# tests/media/lecture/make.sh
#   Makes the sample lecture: a film of slides with a voice that reads lecture.txt.
#
#   make.sh OUT.mp4 [lecture.txt]   also writes OUT.txt, the words as they are read
#
# 20 s of dead air, the subjects 2 s apart with one longer pause inside, 30 s of dead air;
# a low room noise lies under everything. 1280x720 H.264, a key frame every 10 s, AAC.
# Needs flite, ffmpeg and DejaVu fonts. The result is the same every time.
set -euo pipefail

out=${1:?usage: make.sh OUT.mp4 [lecture.txt]}
text=${2:-$(dirname "$0")/lecture.txt}
fonts=${LEAP_FONTS:-/usr/share/fonts/truetype/dejavu}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

front=20
behind=30
between=2
breath=0.5
byte_rate=32000 # 16 kHz, mono, 16 bit
speech=$work/speech.pcm
: >"$speech"
: >"$work/slides"
: >"$work/bullets"
: >"$work/read"

quiet() { # seconds
    head -c "$(awk -v s="$1" 'BEGIN { print int(s * 16000) * 2 }')" /dev/zero >>"$speech"
}

seconds_so_far() {
    awk -v bytes="$(stat -c %s "$speech")" -v rate=$byte_rate 'BEGIN { printf "%.3f", bytes / rate }'
}

read_aloud() { # words
    flite -voice rms -t "$1" -o "$work/line.wav"
    tail -c +45 "$work/line.wav" >>"$speech" # behind the 44 bytes of header flite writes
    printf '%s\n' "$1" >>"$work/read"
    quiet $breath
}

# One picture a subject: an accent at the left, the title, its lines, the number below.
draw_slide() { # file, title, bullets file, footer
    printf '%s' "$2" >"$work/title"
    printf '%s' "$4" >"$work/footer"
    ffmpeg -nostdin -v error -y -f lavfi -i color=c=0x18222e:s=1280x720 -frames:v 1 -vf "
        drawbox=x=0:y=0:w=14:h=720:color=0xe8a33d:t=fill,
        drawbox=x=90:y=205:w=1100:h=3:color=0x3f5266:t=fill,
        drawtext=fontfile=$fonts/DejaVuSans-Bold.ttf:textfile=$work/title:x=90:y=120:fontsize=54:fontcolor=0xf4f1ea,
        drawtext=fontfile=$fonts/DejaVuSans.ttf:textfile=$3:x=90:y=265:fontsize=38:line_spacing=38:fontcolor=0xcfd8e3,
        drawtext=fontfile=$fonts/DejaVuSans.ttf:textfile=$work/footer:x=90:y=640:fontsize=24:fontcolor=0x8496a9
    " "$1"
}

# A slide lasts until the next one begins.
begin_slide() { # title, footer
    number=$((number + 1))
    draw_slide "$work/slide$number.png" "$1" "$work/bullets" "$2"
    printf '%s %s\n' "$number" "$(seconds_so_far)" >>"$work/slides"
}

number=0
subject=0
waiting= # the title whose slide waits for its bullets
flush_slide() {
    if [ -n "$waiting" ]; then
        begin_slide "$waiting" "Small wonders  ·  part $subject of 5"
        waiting=
    fi
}

printf "A short lecture in five parts\n" >"$work/bullets"
begin_slide "Small wonders" "The lecture begins in a moment"
quiet $front
while IFS= read -r line; do
    case $line in
        '' | '#'*) ;;
        '= '*)
            if [ $subject -gt 0 ]; then quiet $between; fi
            subject=$((subject + 1))
            waiting=${line#= }
            : >"$work/bullets"
            ;;
        '- '*)
            printf '•  %s\n' "${line#- }" >>"$work/bullets"
            ;;
        '(pause '*)
            line=${line#(pause }
            quiet "${line%)}"
            ;;
        *)
            flush_slide
            read_aloud "$line"
            ;;
    esac
done <"$text"
printf "Please bring your questions tomorrow\n" >"$work/bullets"
begin_slide "Thank you" "The lecture is over"
quiet $behind
total=$(seconds_so_far)

# the list of pictures with their times; the last one is named twice, as the demuxer wants
awk -v total="$total" -v dir="$work" '
    { file[NR] = dir "/slide" $1 ".png"; start[NR] = $2 }
    END {
        for (i = 1; i <= NR; i++)
            printf "file %s\nduration %.3f\n", file[i], (i < NR ? start[i + 1] : total) - start[i]
        printf "file %s\n", file[NR]
    }' "$work/slides" >"$work/list"

# the clock and the bar make every frame differ, so that a frozen picture is noticed
ffmpeg -nostdin -v error -y \
    -f concat -safe 0 -i "$work/list" \
    -f s16le -ar 16000 -ac 1 -i "$speech" \
    -f lavfi -i "anoisesrc=color=pink:amplitude=0.004:seed=7:sample_rate=48000:duration=$total" \
    -f lavfi -i "color=c=0xe8a33d:s=1280x6:r=15:duration=$total" \
    -filter_complex "
        [0:v]format=yuv420p,fps=15[slides];
        [slides][3:v]overlay=x='-1280+1280*t/$total':y=714:eval=frame,
        drawtext=fontfile=$fonts/DejaVuSansMono.ttf:text='%{pts\:hms}':x=1000:y=640:fontsize=24:fontcolor=0x8496a9[v];
        [1:a]aresample=48000[voice];
        [voice][2:a]amix=inputs=2:normalize=0:duration=first[a]" \
    -map '[v]' -map '[a]' -t "$total" \
    -c:v libx264 -preset superfast -crf 24 -g 150 -keyint_min 150 -sc_threshold 0 -threads 2 \
    -c:a aac -b:a 96k -ac 1 -movflags +faststart -fflags +bitexact -flags:v +bitexact -flags:a +bitexact \
    -metadata title="Small wonders" "$out"
cp "$work/read" "${out%.*}.txt"
