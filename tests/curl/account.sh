#!/bin/bash
# tests/curl/account.sh
#     A new account: registered, logged in, changed, asked for what it did, and deleted.
# shellcheck source=tests/curl/lib.sh
. "${0%/*}/lib.sh"
email=new-$$@example.org

ask 200 GET /auth/installation
has .administered

ask 201 POST /auth/register "{\"email\": \"$email\", \"password\": \"The first secret 1\", \"full_name\": \"New\"}"
has ".email == \"$email\""
ask 409 POST /auth/register "{\"email\": \"$email\", \"password\": \"The first secret 1\"}"
ask 401 POST /auth/login "{\"email\": \"$email\", \"password\": \"wrong\"}"
has '.code == "LP042"'
ask 401 GET /users/me
login "$email" 'The first secret 1'
ask 200 POST /auth/refresh "{\"refresh_token\": \"$(pick .refresh_token)\"}"
token=$(pick .access_token)
ask 200 POST /auth/forgot-password "{\"email\": \"$email\"}"
has .accepted
ask 200 POST /auth/resend-verification "{\"email\": \"$email\"}"
has .accepted
ask 403 POST /auth/reset-password '{"token": "none", "new_password": "The second secret 2"}'
ask 403 POST /auth/verify-email '{"token": "none"}'

ask 200 GET /users/me
has ".email == \"$email\" and .role == \"user\""
ask 200 PATCH /users/me '{"timezone": "Europe/Moscow"}'
has '.timezone == "Europe/Moscow"'
ask 200 POST /users/me/password '{"current_password": "The first secret 1", "new_password": "The second secret 2"}'
has .changed
ask 200 GET /users/me/config
has .defaults
ask 200 PATCH /users/me/config '{"transcription": {"language": "ru"}}'
has '.own.transcription.language == "ru"'
ask 200 POST /users/me/config/reset
has '.resolved.transcription.language == "en"'
ask 200 GET '/users/me/stats?from=2026-01-01&to=2199-01-01'
has '.recordings.total == 0'
ask 200 GET /users/me/stats/stages
has .stages
ask 200 GET /users/me/stats/failures
has .failures
ask 200 GET /users/me/first-steps
has 'has("sample")'
ask 200 GET /users/me/quota
has '.quotas[0].quota'
ask 200 PATCH /users/me/retention '{"soft_delete_days": 3}'
has '.own.soft_delete_days == 3'
ask 200 GET /users/me/retention
has '.resolved.soft_delete_days == 3'
ask 200 GET '/users/me/activity?per_page=2'
has '.items | length == 2'

ask 201 POST /auth/keys '{"name": "a script", "scope": "read"}'
key=$(pick .id)
secret=$(pick .key)
ask 200 GET /auth/keys
has '.[0].name == "a script" and .[0].key == null'
person=$token
token=
ask 200 GET /templates '' --header "X-API-Key: $secret"
ask 403 POST /templates '{"name": "Mine"}' --header "X-API-Key: $secret"
token=$person
ask 204 DELETE "/auth/keys/$key"
token=
ask 401 GET /templates '' --header "X-API-Key: $secret"

# another place to be logged in at, ended from here
login "$email" 'The second secret 2'
session=$(pick .session)
token=$person
ask 200 GET /auth/sessions
has 'length == 2'
ask 204 DELETE "/auth/sessions/$session"
ask 200 POST /auth/logout-others
has '.sessions_ended == 0'
ask 200 POST /auth/logout
has '.sessions_ended == 1'
ask 401 GET /users/me
login "$email" 'The second secret 2'
ask 200 POST /auth/logout-all
has '.sessions_ended == 1'
login "$email" 'The second secret 2'
ask 403 DELETE /users/me '{"password": "wrong"}'
ask 200 DELETE /users/me '{"password": "The second secret 2"}'
has '.deleted'
ask 401 GET /users/me
