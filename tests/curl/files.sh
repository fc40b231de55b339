#!/bin/bash
# tests/curl/files.sh
#     What is known of a recording, its files, and links by which people without an account see the lesson.
# shellcheck source=tests/curl/lib.sh
. "${0%/*}/lib.sh"
login "$LEAP_EMAIL" "$LEAP_PASSWORD"

ask 200 GET '/recordings/choices'
has '.statuses.UPLOADED >= 1'
ask 200 GET '/recordings/browse?status=UPLOADED&most=1&total=true'
has '.total >= 1'
id=$(pick '.items[0].id')
ask 200 GET "/recordings/$id/overview"
has '.operations.run and (.targets | length > 0) and (.files | length > 0)'
ask 200 GET "/recordings/$id/operations"
has 'map(.operation) | index("run") != null'
ask 200 GET "/recordings/$id/runs?limit=1"
has '.runs[0].tasks[0].attempts'
ask 200 GET "/recordings/$id/doings"
has '.items'

ask 200 GET "/recordings/$id/media?redirect=false"
has '.kind == "video" and .url'
ask 302 GET "/recordings/$id/media?type=original"
ask 200 GET "/recordings/$id/files/srt?redirect=false"
has '.kind == "srt"'
ask 200 GET "/recordings/$id/poster?redirect=false"
has '.media_type == "image/jpeg"'

ask 201 POST "/recordings/$id/shares" '{"note": "for the parents"}'
has '.state == "live" and .views == 0'
share=$(pick .id)
secret=$(pick .token)
ask 200 PATCH "/shares/$share" '{"allow_download": true}'
has '.allow_download'
known=$token
token=
ask 200 GET "/share/$secret"
has '.title and .video.url and (.segments | length > 0)'
token=$known
ask 200 GET "/recordings/$id/shares"
has '.[0].views == 1'
ask 200 DELETE "/shares/$share"
has '.state == "revoked"'
token=
ask 404 GET "/share/$secret"
