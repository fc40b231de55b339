#!/bin/bash
# tests/media/corpus.sh FOLDER
#     Makes recordings of a minute in every container and with every fault that the analyser
#     must name: cut off, a hole, bytes twice, zeros, noise, and honest but odd ones. A voice
#     (syllables) lies from 10 s to 50 s. All from ffmpeg and the shell; about 15 seconds.
set -euo pipefail

folder=$1
mkdir -p "$folder"
cd "$folder"
quiet=(ffmpeg -hide_banner -nostdin -loglevel error -y)
x264=(-c:v libx264 -preset ultrafast -b:v 300k -maxrate 400k -bufsize 800k -pix_fmt yuv420p)
aac=(-c:a aac -b:a 64k)

size() { stat -c %s "$1"; }

# bytes FILE FROM COUNT: a part of a file
bytes() { dd if="$1" iflag=skip_bytes,count_bytes skip="$2" count="$3" status=none; }

# hole FROM-FILE TO-FILE AT COUNT: without COUNT bytes
hole() { { head -c "$3" "$1"; tail -c +"$(($3 + $4 + 1))" "$1"; } >"$2"; }

# twice FROM-FILE TO-FILE AT COUNT: with COUNT bytes a second time
twice() { { head -c "$(($3 + $4))" "$1"; tail -c +"$(($3 + 1))" "$1"; } >"$2"; }

# overwrite FROM-FILE TO-FILE AT: with what comes on standard input
overwrite() { cp "$1" "$2"; dd of="$2" bs=4096 seek="$3" oflag=seek_bytes conv=notrunc status=none; }

# percent FILE SHARE: a share of its size, in hundredths
percent() { echo $(($(size "$1") * $2 / 100)); }

voice="0.3*(sin(754*t)+sin(1508*t)/2+sin(5280*t)/4)*lt(mod(t,0.23),0.15)*between(t,10,50)"
"${quiet[@]}" -f lavfi -i "aevalsrc='$voice':s=48000" -f lavfi -i anoisesrc=r=48000:a=0.002:c=pink \
    -filter_complex 'amix=inputs=2:normalize=0' -t 60 voice.wav
"${quiet[@]}" -f lavfi -i testsrc2=s=480x270:r=25 -i voice.wav -t 60 "${x264[@]}" -g 250 -bf 2 \
    "${aac[@]}" end.mp4
copy() { "${quiet[@]}" -i end.mp4 -map 0 -c copy "$@"; }

# honest
copy -movflags +faststart front.mp4
copy ok.mkv
copy -movflags frag_keyframe+empty_moov fragmented.mp4
copy -f matroska -live 1 live.mkv
copy ok.ts
copy -an no_audio.mp4
copy -vn no_video.m4a
copy -metadata:s:v rotate=90 rotated.mp4
"${quiet[@]}" -i voice.wav -c:a libmp3lame -b:a 64k ok.mp3
"${quiet[@]}" -f lavfi -i testsrc2=s=320x180:r=15 -i voice.wav -t 60 -c:v libvpx -deadline realtime \
    -cpu-used 8 -b:v 200k -g 75 -c:a libopus -b:a 48k ok.webm
"${quiet[@]}" -i end.mp4 -f lavfi -i anullsrc=r=48000:cl=mono -t 60 -map 0:v -map 1:a -c:v copy \
    "${aac[@]}" silent.mp4
"${quiet[@]}" -i end.mp4 -f lavfi -i anoisesrc=r=48000:a=0.05:c=pink -t 60 -map 0:v -map 1:a \
    -map 0:a -c:v copy "${aac[@]}" -disposition:a:0 default -disposition:a:1 0 two_tracks.mp4
"${quiet[@]}" -i end.mp4 -vf "select='if(lt(mod(t,4),2),1,not(mod(n,5)))'" -fps_mode vfr \
    "${x264[@]}" -c:a copy variable.mp4
"${quiet[@]}" -f lavfi -i "aevalsrc='$voice':s=44100" -f lavfi -i testsrc2=s=322x182:r=30000/1001 \
    -t 60 "${x264[@]}" -g 60 "${aac[@]}" ntsc_44100.mp4
"${quiet[@]}" -i voice.wav -ac 6 -c:a aac -b:a 192k surround.m4a
"${quiet[@]}" -i end.mp4 -t 0.03 -c copy tiny.mp4

# 5 s without sound, time stamps honest
"${quiet[@]}" -i end.mp4 -map 0:v -map 0:a -c:v copy "${aac[@]}" \
    -af "aselect='not(between(t,25,30))'" gap.mkv

# broken
head -c "$(percent end.mp4 60)" end.mp4 >no_index.mp4
head -c "$(percent front.mp4 60)" front.mp4 >cut_off.mp4
head -c "$(percent ok.mkv 60)" ok.mkv >cut_off.mkv
head -c "$(percent ok.webm 60)" ok.webm >cut_off.webm
head -c "$(percent fragmented.mp4 60)" fragmented.mp4 >cut_off_fragmented.mp4
hole front.mp4 hole.mp4 "$(percent front.mp4 40)" 65536
twice front.mp4 twice.mp4 "$(percent front.mp4 40)" 65536
head -c 204800 /dev/zero | overwrite front.mp4 zeros.mp4 "$(percent front.mp4 50)"
head -c 204800 /dev/zero | overwrite ok.mkv zeros.mkv "$(percent ok.mkv 50)"
bytes ok.webm 20000 20480 | overwrite front.mp4 noise.mp4 "$(percent front.mp4 50)"
printf 'x' | overwrite front.mp4 one_byte.mp4 "$(percent front.mp4 50)"

# no media at all
printf '<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>\n' >page.mp4
printf '#EXTM3U\n#EXTINF:10,\n/etc/passwd\n' >playlist.mp4
printf 'ffconcat version 1.0\nfile end.mp4\n' >concat.mp4
: >empty.mp4
head -c 1024 /dev/zero >zeros1k.mp4
bytes ok.webm 30000 30000 >noise.bin
