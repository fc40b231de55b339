#!/bin/bash
# tests/media/corpus.sh FOLDER
#     Makes recordings of a minute in every container and codec, with every oddity that honest
#     recordings have, and with every fault that the analyser must name. tests/media/expected
#     says what is expected of each. All from ffmpeg, dd and perl; about 40 seconds.
#
# A voice lies from 10 s to 49.8 s: a syllable of 0.8 s begins with every second, and with
# every second the picture flashes, so that each of them tells how sound and picture lie.
# perl finds its own variables in what it is given
# shellcheck disable=SC2016
set -euo pipefail

folder=$1
mkdir -p "$folder"
cd "$folder"
quiet=(ffmpeg -hide_banner -nostdin -loglevel error -y)
x264=(-c:v libx264 -preset ultrafast -pix_fmt yuv420p -sc_threshold 0)
aac=(-c:a aac -b:a 64k)
# in real time this encoder would do what the load of the machine lets it
vp8=(-c:v libvpx -deadline good -cpu-used 5 -threads 1 -b:v 200k -g 75)
opus=(-c:a libopus -b:a 48k)

size() { stat -c %s "$1"; }

# bytes FILE FROM COUNT: a part of a file
bytes() { dd if="$1" iflag=skip_bytes,count_bytes skip="$2" count="$3" status=none; }

# percent FILE SHARE: a share of its size, in hundredths
percent() { echo $(($(size "$1") * $2 / 100)); }

# The damages: FROM-FILE TO-FILE SHARE [COUNT]
# an odd size: a transport stream that ends behind a packet does not look cut off
cut_off() { head -c "$(($(percent "$1" "$3") | 1))" "$1" >"$2"; }

# without 64 KB, or COUNT bytes
hole()
{
    local at
    at=$(percent "$1" "$3")
    { head -c "$at" "$1"; tail -c +"$((at + ${4:-65536} + 1))" "$1"; } >"$2"
}

# with 64 KB a second time
twice()
{
    local at
    at=$(percent "$1" "$3")
    { head -c "$((at + 65536))" "$1"; tail -c +"$((at + 1))" "$1"; } >"$2"
}

# with what comes on standard input instead
overwrite()
{
    cp "$1" "$2"
    dd of="$2" bs=4096 seek="$(percent "$1" "$3")" oflag=seek_bytes conv=notrunc status=none
}
zeros() { head -c "${4:-204800}" /dev/zero | overwrite "$1" "$2" "$3"; }
noise() { bytes ok.webm 20000 20480 | overwrite "$1" "$2" "$3"; }

# patch FROM-FILE TO-FILE PERL: with its bytes in $_ changed by a program
patch() { perl -0777 -pe "$3" "$1" >"$2"; }

picture()
{
    echo "testsrc2=s=$1:r=$2,format=yuv420p,lutyuv=y=0.45*val+8,drawbox=c=white:t=fill:enable='lt(mod(t+0.001,1),0.06)'"
}
voice="0.3*(sin(754*t)+sin(1508*t)/2+sin(5280*t)/4)*lt(mod(t,1),0.8)*between(t,10,49.9)"

# The originals: a large and a small picture, and the voice over the noise of a quiet room.
"${quiet[@]}" -f lavfi -i "aevalsrc='$voice':s=48000" -f lavfi \
    -i anoisesrc=r=48000:a=0.002:c=pink:seed=1 -filter_complex 'amix=inputs=2:normalize=0' \
    -t 60 voice.wav
"${quiet[@]}" -f lavfi -i "$(picture 480x270 25)" -i voice.wav -t 60 "${x264[@]}" \
    -b:v 300k -maxrate 400k -bufsize 800k -g 250 -bf 2 "${aac[@]}" end.mp4
"${quiet[@]}" -f lavfi -i "$(picture 160x96 25)" -i voice.wav -t 60 "${x264[@]}" -qp 0 \
    -g 25 -c:a copy original.mkv

copy() { "${quiet[@]}" -i end.mp4 -map 0 -c copy "$@"; }
# the small picture with the voice as AAC (take) or in a codec of its own (small)
take() { "${quiet[@]}" -i original.mkv -i end.mp4 -map 0:v -map 1:a -c:a copy "$@"; }
small() { "${quiet[@]}" -i original.mkv "$@"; }
sound() { "${quiet[@]}" -i voice.wav "$@"; }

# Honest: containers
copy -movflags +faststart front.mp4
copy ok.mkv
copy -movflags frag_keyframe+empty_moov fragmented.mp4
copy -f matroska -live 1 live.mkv
copy ok.ts
copy ok.mov
copy ok.flv
copy -bsf:v h264_mp4toannexb h264.avi
small -c:v mpeg4 -b:v 200k -c:a libmp3lame -b:a 64k ok.avi
small -c:v mpeg2video -b:v 400k -c:a mp2 ok.mpg
small "${vp8[@]}" "${opus[@]}" ok.webm

# Honest: pictures
small -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 200k -g 75 "${opus[@]}" vp9.webm
small -c:v libsvtav1 -preset 12 -g 75 "${opus[@]}" av1.webm 2>/dev/null
"${quiet[@]}" -i av1.webm -i end.mp4 -map 0:v -map 1:a -c copy av1.mp4
take -c:v libx265 -preset ultrafast -x265-params log-level=error:keyint=75 -tag:v hvc1 hevc.mp4
"${quiet[@]}" -i hevc.mp4 -c copy hevc.mkv
"${quiet[@]}" -i hevc.mp4 -c copy hevc.ts
take "${x264[@]}" -g 125 -bf 3 -x264-params open-gop=1 open_gop.mp4
take "${x264[@]}" -g 125 -bf 16 -b_strategy 0 deep.mp4
take "${x264[@]}" -g 1 intra.mp4
take "${x264[@]}" -g 9999 -keyint_min 9999 -bf 2 endless.mp4
take -c:v libx264 -preset ultrafast -pix_fmt yuv420p10le -g 75 ten_bit.mp4
take -vf scale=161:97 -c:v libx264 -preset ultrafast -pix_fmt yuv444p -g 75 odd_size.mp4
small -vf scale=1:1 -c:v libvpx -deadline good -cpu-used 5 -threads 1 "${opus[@]}" one_pixel.webm
take "${x264[@]}" -g 75 -x264-params tff=1 interlaced.mp4
copy -metadata:s:v rotate=90 rotated.mp4
take -vf "select='if(lt(mod(t,4),2),1,not(mod(n,5)))'" -fps_mode vfr "${x264[@]}" -g 75 variable.mp4
"${quiet[@]}" -f lavfi -i "$(picture 322x182 30000/1001)" -i voice.wav -t 60 "${x264[@]}" -g 60 \
    "${aac[@]}" -ar 44100 ntsc_44100.mp4

# Honest: sound
small -c:v copy -c:a libmp3lame -b:a 64k mp3.mkv
small "${x264[@]}" -g 75 -c:a flac flac.mkv
small "${x264[@]}" -g 75 "${opus[@]}" opus.mkv
"${quiet[@]}" -i vp9.webm -i end.mp4 -map 0:v -map 1:a -c copy vp9_aac.mp4
small "${x264[@]}" -g 75 -ac 6 -c:a ac3 -b:a 192k ac3.mp4
small "${x264[@]}" -g 75 -c:a pcm_s16le pcm.mov
small "${x264[@]}" -g 75 "${aac[@]}" -ar 24000 core.mp4
# what HE-AAC says of itself, without the upper band that no encoder of Debian writes
patch core.mp4 he_aac.mp4 's/\x56\xe5\x00/\x56\xe5\x98/'
sound -c:a libmp3lame -b:a 64k ok.mp3
sound -c:a flac ok.flac
sound -c:a libvorbis ok.ogg
sound -c:a libopus -b:a 48k opus.ogg
sound -c:a aac ok.aac
sound -ac 6 -c:a aac -b:a 192k surround.m4a
"${quiet[@]}" -i end.mp4 -i surround.m4a -map 0:v -map 1:a -c copy surround.mp4
sound -c:a alac alac.m4a
mv voice.wav ok.wav
copy -an no_audio.mp4
copy -vn no_video.m4a
"${quiet[@]}" -i front.mp4 -frames:v 1 cover.jpg
"${quiet[@]}" -i no_video.m4a -i cover.jpg -map 0 -map 1 -c copy -disposition:v attached_pic cover.m4a
"${quiet[@]}" -i end.mp4 -i cover.jpg -map 0 -map 1 -c copy -disposition:v:1 attached_pic cover.mp4
"${quiet[@]}" -i end.mp4 -f lavfi -i anullsrc=r=48000:cl=mono -t 60 -map 0:v -map 1:a -c:v copy \
    "${aac[@]}" silent.mp4
"${quiet[@]}" -i end.mp4 -f lavfi -i anoisesrc=r=48000:a=0.05:c=pink:seed=2 -t 60 -map 0:v \
    -map 1:a -map 0:a -c copy -c:a:0 ac3 -disposition:a:0 default -disposition:a:1 0 \
    two_tracks.mp4

# Honest: times
"${quiet[@]}" -ss 4.5 -i end.mp4 -c copy edit_list.mp4
copy -copyts -output_ts_offset -1.5 -avoid_negative_ts disabled negative.mp4
copy -copyts -output_ts_offset 3600 -muxdelay 0 late_clock.ts
"${quiet[@]}" -i end.mp4 -itsoffset 3.3 -i end.mp4 -map 0:v -map 1:a -c copy late_sound.mp4
"${quiet[@]}" -i end.mp4 -itsoffset 3.3 -i end.mp4 -map 0:v -map 1:a -c copy late_sound.mkv
"${quiet[@]}" -i end.mp4 -itsoffset 3.3 -i end.mp4 -map 1:v -map 0:a -c copy late_picture.mp4
copy -t 0.03 tiny.mp4
# 5 s without sound, time stamps honest
"${quiet[@]}" -i end.mp4 -map 0:v -map 0:a -c:v copy "${aac[@]}" \
    -af "aselect='not(between(t,25,30))'" gap.mkv

# Headers that lie about the time
patch end.mp4 lying.mp4 's/(mvhd.{16})..../$1\x7f\xff\xff\x00/s'
patch ok.mkv lying.mkv 's/(\x44\x89\x88).{8}/$1 . pack("d>", 1e9)/es'
patch ok.mkv longer.mkv 's/(\x44\x89\x88).{8}/$1 . pack("d>", 90e3)/es'
patch ok.mkv no_number.mkv 's/(\x44\x89\x88).{8}/$1 . pack("H*", "7ff8000000000000")/es'
patch ok.mkv zero_time.mkv 's/(\x44\x89\x88).{8}/$1 . pack("d>", 0)/es'

# Broken: cut off
cut_off end.mp4 no_index.mp4 60
cut_off front.mp4 cut_off.mp4 60
cut_off fragmented.mp4 cut_off_fragmented.mp4 60
cut_off hevc.mp4 no_index_hevc.mp4 60
cut_off live.mkv cut_off_live.mkv 60
for kind in mkv webm ts flv avi mp3 wav flac ogg aac
do
    cut_off "ok.$kind" "cut_off.$kind" 60
done

# Broken: badly joined, resumed, stored
hole front.mp4 hole.mp4 40
hole ok.mkv hole.mkv 40
hole ok.ts hole.ts 40
hole fragmented.mp4 hole_fragmented.mp4 40
hole av1.webm hole_av1.webm 40 20000
hole vp9.webm hole_vp9.webm 40 20000
twice front.mp4 twice.mp4 40
twice ok.mkv twice.mkv 40
twice ok.ts twice.ts 40
zeros front.mp4 zeros.mp4 50
zeros ok.mkv zeros.mkv 50
zeros ok.ts zeros.ts 50
zeros hevc.mp4 zeros_hevc.mp4 50 65536
zeros ok.mp3 zeros.mp3 50 65536
noise front.mp4 noise.mp4 50
noise ok.mkv noise.mkv 50
noise ok.ts noise.ts 50
# in the middle of a picture: a sound packet would not decode, and what lies there differs by encoder and machine
cp front.mp4 one_byte.mp4
printf 'x' | dd of=one_byte.mp4 bs=1 conv=notrunc status=none seek="$(ffprobe -v error -select_streams v \
    -show_entries packet=pos,size -of csv=p=0 front.mp4 |
    awk -F, '{ size[NR] = $1; pos[NR] = $2 } END { n = int(NR / 2); print pos[n] + int(size[n] / 2) }')"

# No media at all
printf '<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>\n' >page.mp4
printf '#EXTM3U\n#EXTINF:10,\n/etc/passwd\n' >playlist.mp4
printf 'ffconcat version 1.0\nfile end.mp4\n' >concat.mp4
: >empty.mp4
head -c 1024 /dev/zero >zeros1k.mp4
bytes ok.webm 30000 30000 >noise.bin
