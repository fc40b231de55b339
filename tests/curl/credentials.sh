#!/bin/bash
# tests/curl/credentials.sh
#     Access to accounts at platforms, by their data and at the page of a platform. Needs a key of workers
#     (leap keys init) and the app of YouTube (leap app set youtube).
# shellcheck source=tests/curl/lib.sh
. "${0%/*}/lib.sh"
login "$LEAP_EMAIL" "$LEAP_PASSWORD"

ask 200 GET '/credentials/fields?platform=s3'
has '.fields[0].key'
ask 201 POST /credentials '{"platform": "s3", "account_name": "Store", "data": {"access_key_id": "AKIA", "secret_access_key": "hush"}}'
credential=$(pick .id)
ask 409 POST /credentials '{"platform": "s3", "account_name": "Store", "data": {"access_key_id": "AKIA", "secret_access_key": "hush"}}'
ask 422 POST /credentials '{"platform": "s3", "account_name": "Other", "data": {"access_key_id": "AKIA"}}'
ask 200 GET '/credentials?platform=s3'
has '.total == 1'
ask 200 GET "/credentials/$credential"
has '.account_name == "Store"'
! grep -q hush "$answer" || wrong "a secret that is shown again"
ask 200 PATCH "/credentials/$credential" '{"data": {"access_key_id": "AKIA", "secret_access_key": "hush2", "region": "eu-1"}}'
has '.version == 2'
ask 202 POST "/credentials/$credential/check"
check=$(pick .id)
ask 200 GET "/credentials/checks/$check"
has '.action == "check"'
ask 204 DELETE "/credentials/$credential"
ask 404 GET "/credentials/$credential"

# an account at the page of its platform: the code is what the platform would send the person back with
ask 200 GET /oauth
has '.platforms | index("youtube") != null'
ask 200 POST /oauth/youtube/authorize '{"account_name": "Channel"}'
state=$(pick .state)
pick .authorization_url >/dev/null
ask 200 GET "/oauth/youtube/callback?state=$state&code=abc"
ask 202 POST /oauth/youtube/finish "{\"state\": \"$state\", \"code\": \"abc\"}"
has .check
ask 404 POST /oauth/youtube/finish "{\"state\": \"$state\", \"code\": \"abc\"}"
