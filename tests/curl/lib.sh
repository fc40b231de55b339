# shellcheck shell=bash
# tests/curl/lib.sh
#     What the scripts beside it share: curl, the token, and what an answer has to be.
#
#     LEAP_URL=http://127.0.0.1:3000 LEAP_EMAIL=me@example.org LEAP_PASSWORD=... tests/curl/templates.sh
#
# Each script logs in, does what people do with one subject, prints each request and ends with 1 at
# the first answer that is not as it says. A line `ask 201 POST /templates '{"name": "Algebra"}'` is
#
#     curl -X POST -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
#         -d '{"name": "Algebra"}' $LEAP_URL/api/v1/templates
#
# whose status has to be 201; options of curl may follow the body. LEAP_ADMIN_EMAIL and
# LEAP_ADMIN_PASSWORD are those of an administrator; what was asked is added to the file $LEAP_ASKED.
set -euo pipefail

: "${LEAP_URL:?where does leap serve listen? LEAP_URL=http://127.0.0.1:3000}"
: "${LEAP_EMAIL:?whose account? LEAP_EMAIL=me@example.org}"
: "${LEAP_PASSWORD:?the password of $LEAP_EMAIL?}"
token=
answer=$(mktemp "${TMPDIR:-/tmp}/leap-curl-XXXXXX")
trap 'rm -f "$answer"' EXIT

wrong()
{
    printf 'not as it should be: %s\n' "$1" >&2
    head -c 2000 "$answer" >&2
    echo >&2
    exit 1
}

# ask STATUS METHOD PATH [JSON [OPTION-OF-CURL...]]
ask()
{
    local wanted=$1 method=$2 path=$3 body=${4:-} got
    local options=(--silent --show-error --globoff --max-time 60 --request "$method" --output "$answer" --write-out '%{http_code}')

    shift $(($# < 4 ? $# : 4))
    [ -z "$token" ] || options+=(--header "Authorization: Bearer $token")
    [ -z "$body" ] || options+=(--header 'Content-Type: application/json' --data "$body")
    : >"$answer"
    got=$(curl "${options[@]}" "$@" "$LEAP_URL/api/v1$path") || wrong "$method $path: curl ends with $?"
    printf '%s %s %s\n' "$got" "$method" "$path"
    [ -z "${LEAP_ASKED:-}" ] || printf '%s %s %s\n' "$got" "$method" "${path%%\?*}" >>"$LEAP_ASKED"
    [ "$got" = "$wanted" ] || wrong "$method $path: $got instead of $wanted"
}

# has EXPRESSION: an expression of jq that has to be true of the answer
has()
{
    jq --exit-status "$1" "$answer" >/dev/null || wrong "$1"
}

# pick EXPRESSION: prints a part of the answer, which has to be there
pick()
{
    jq --exit-status --raw-output "$1" "$answer" || wrong "there is no $1"
}

# login EMAIL PASSWORD: what comes after is asked by this account
login()
{
    token=
    ask 200 POST /auth/login "$(jq -n --arg email "$1" --arg password "$2" '{email: $email, password: $password, device: "curl"}')"
    has '.token_type == "bearer" and .expires_in > 0'
    token=$(pick .access_token)
}

login_as_admin()
{
    login "${LEAP_ADMIN_EMAIL:?the account of an administrator?}" "${LEAP_ADMIN_PASSWORD:?its password?}"
}
