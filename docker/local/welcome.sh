#!/bin/bash
# docker/local/welcome.sh
#     Where the page is, and, as long as nobody can administer it, the link that makes the first administrator. The link is
#     a secret: it is shown on a terminal, and not where a log would keep it.
# shellcheck source=docker/local/environment.sh
. "$(dirname "$0")/environment.sh"

command=$state/leap
[ -n "${LEAP_STATE:-}" ] || command=.leap/leap

api=$("$(dirname "$0")/serve.sh" url) || {
    "$(dirname "$0")/serve.sh" elsewhere
    exit 0
}
page=${api%/api/v1/}
say "The page: $page/    the API: $api (docs/api.md)"
[ "$("$(dirname "$0")/psql.sh" -XqAt -c 'SELECT leap.lacks_administrator()')" = t ] || exit 0
if [ -t 1 ]
then
    "$state/leap" user first --public-url="$page"
else
    say "Nobody can administer it yet: $command user first --public-url=$page shows the link to the first account"
fi
