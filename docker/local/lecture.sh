#!/bin/bash
# docker/local/lecture.sh
#     Makes the sample lecture, build/lecture/lecture.mp4, unless it is there: half a minute.
# shellcheck source=docker/local/environment.sh
. "$(dirname "$0")/environment.sh"

folder=$root/build/lecture

[ ! -e "$folder/lecture.mp4" ] || exit 0
# into another folder first: an interrupted film must not look like a finished one
rm -rf "$folder.new"
mkdir -p "$folder.new"
"$root/tests/media/lecture/make.sh" "$folder.new/lecture.mp4" >"$root/build/lecture.log" 2>&1 ||
    fail "the sample lecture could not be made" "see $root/build/lecture.log"
rm -rf "$folder"
mv "$folder.new" "$folder"
