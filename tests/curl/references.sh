#!/bin/bash
# tests/curl/references.sh
#     What people choose from, what errors there are, and all paths.
# shellcheck source=tests/curl/lib.sh
. "${0%/*}/lib.sh"
login "$LEAP_EMAIL" "$LEAP_PASSWORD"

for list in languages granularities qualities timezones platforms providers errors
do
    ask 200 GET "/references/$list"
    has 'length > 0'
done
ask 200 GET /routes
has 'map(.path) | index("/api/v1/recordings") != null'
ask 404 GET /references/colours
ask 405 DELETE /references/languages
