#!/bin/bash
# tests/curl/lesson.sh
#     What was said in a lesson: transcript, search, topics and their versions, captions, hearing it again.
# shellcheck source=tests/curl/lib.sh
. "${0%/*}/lib.sh"
login "$LEAP_EMAIL" "$LEAP_PASSWORD"

ask 200 GET '/recordings?status=UPLOADED'
id=$(pick '.items[0].id')
ask 200 GET "/recordings/$id/transcript"
has '.segments | length > 0'
word=$(pick '.segments[0].text' | tr -cs 'a-zA-Z' '\n' | awk 'length > 3 { print; exit }')
ask 200 GET "/transcripts/search?query=$word"

ask 200 GET "/recordings/$id/topics"
ask 200 PATCH "/recordings/$id/topics" '{"summary": "What the lesson is about."}'
ask 200 POST "/recordings/$id/topics/1/activate"

ask 201 POST "/recordings/$id/captions" '{"language": "de", "body": "WEBVTT\n\n00:01.000 --> 00:03.000\nGuten Tag.\n"}'
ask 200 GET "/recordings/$id/captions"
has 'length > 0'
ask 200 PUT "/recordings/$id/captions/de" '{"body": "1\n00:00:01,000 --> 00:00:03,000\nGuten Tag!\n"}'
ask 200 DELETE "/recordings/$id/captions/de"
ask 200 POST "/recordings/$id/cancel"
ask 200 POST "/recordings/$id/transcript/retry" '{"provider": "pocketsphinx"}'
ask 200 POST "/recordings/$id/cancel"
