#!/bin/bash
# tests/bench/upload.sh [ROUNDS [GIGABYTES [PLATFORM]]]
#     A video of 4 GB (or so many) sent to an upload session of youtube, or to a bucket (s3, over TLS: s3tls), on this machine, by a
#     child of the worker in pieces and by the program curl in one request, in turn: bytes a second and seconds of
#     processors of each, their ratios, and the most memory that the child had beyond what it has before it begins. Prints
#     the medians of ROUNDS (default 5). The server takes the bytes and forgets them. Over plain HTTP S3 wants the SHA-256 of what
#     is sent: there the child is compared with a curl that does so, too. s3tls runs in a mount namespace in which the
#     authority of its certificate is known.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)

export LEAP_BUILD=${LEAP_BUILD:-$root/build}
[ -x "$LEAP_BUILD/bin/leap" ] || { echo "upload.sh: run \`make all\` first" >&2; exit 1; }
out=$(mktemp -d "${TMPDIR:-/tmp}/leap-upload-XXXXXX")
trap 'rm -r "$out"' EXIT
cd "$out"
if [ "${3:-}" = s3tls ] && [ -z "${LEAP_BENCH_INSIDE:-}" ]; then
    LEAP_BENCH_INSIDE=1 unshare --map-root-user --mount "$root/tests/bench/upload.sh" "$@"
    exit
fi
if [ "${3:-}" = s3tls ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext 'subjectAltName=IP:127.0.0.1' \
        -keyout key.pem -out certificate.pem 2>/dev/null
    cat certificate.pem /etc/ssl/certs/ca-certificates.crt >authorities.pem
    mount --bind authorities.pem /etc/ssl/certs/ca-certificates.crt
fi
LEAP_ROOT=$root PERL5LIB=/usr/lib/postgresql/15/lib/pgxs/src/test/perl:$root/tests/tap/lib:$root/tests/bench \
    perl "$root/tests/bench/upload.pl" "${1:-5}" "${2:-4}" "${3:-youtube}"
