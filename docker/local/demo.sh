#!/bin/bash
# docker/local/demo.sh [LECTURE]
#     From a bare Debian to a published lesson: packages, build, private database, worker,
#     sample lecture (or the given file), and the pipeline's work before your eyes.
#
# Every step looks first whether it is done already, so a second call is quick and changes
# nothing that is there.
here=$(dirname "$0")
"$here/packages.sh" "$here/packages" || exit 1

# after the packages: the service user comes with PostgreSQL
# shellcheck source=docker/local/environment.sh
. "$here/environment.sh"

demo_user=demo@leap.example
sample_name="Sample lecture"
leap=$state/leap
keys=$state/keys/credentials
# how people call it
command=$leap
[ -n "${LEAP_STATE:-}" ] || command=.leap/leap

step()
{
    printf '\n== %s\n' "$*"
}

build()
{
    local log=$root/build/demo-build.log

    mkdir -p "$root/build"
    make --no-print-directory -C "$root" all >"$log" 2>&1 || {
        tail -n 20 "$log" >&2
        fail "LEAP does not build" "see $log"
    }
}

installed_sums()
{
    (cd "$prefix" 2>/dev/null && sha256sum "lib/postgresql/$PG_MAJOR/lib/leap.so" \
        bin/leap libexec/leap/leap-media 2>/dev/null) || true
}

# A server or worker that runs keeps its old program: it must start again to get a new one.
install_programs()
{
    local before

    before=$(installed_sums)
    "$here/prefix.sh" >"$root/build/demo-install.log" 2>&1 ||
        fail "the installation into $prefix failed" "see $root/build/demo-install.log"
    if [ -n "$before" ] && [ "$before" != "$(installed_sums)" ]
    then
        say "the programs have changed: worker and servers start again"
        "$here/serve.sh" stop
        "$here/worker.sh" stop
        "$here/cluster.sh" stop
    fi
}

quoted()
{
    printf "'%s'" "${1//\'/\'\\\'\'}"
}

# `leap` that knows this database, these folders and, if whoever calls it may read them, the keys of
# credentials; people are operators, the worker is one, the server is nobody yet
write_command()
{
    cat >"$leap.new" <<COMMAND
#!/bin/sh
# leap with the demo's database and folders; written by docker/local/demo.sh
case \$1 in
    worker) role=worker ;;
    serve) role=leap_gateway ;;
    *) role=operator ;;
esac
export LEAP_DATABASE=$(quoted "host=$sockets dbname=$DATABASE user=")\$role
export LEAP_STORAGE=$(quoted "$state/storage")
export LEAP_LIBRARY=$(quoted "$state/library")
[ ! -r $(quoted "$keys") ] || export LEAP_CREDENTIAL_KEYS=$(quoted "$keys")
exec $(quoted "$prefix/bin/leap") "\$@"
COMMAND
    chmod 755 "$leap.new"
    mv "$leap.new" "$leap"
}

sql()
{
    PGOPTIONS=--client-min-messages=warning "$here/psql.sh" -XqAt -v ON_ERROR_STOP=1 "$@"
}

make_database()
{
    [ "$(PGDATABASE=postgres sql -c \
        "SELECT count(*) FROM pg_database WHERE datname = '$DATABASE'")" = 1 ] ||
        PGDATABASE=postgres sql -c "CREATE DATABASE $DATABASE"
    "$leap" deploy --database="host=$sockets dbname=$DATABASE user=postgres"
    sql <<<"SELECT format('CREATE ROLE %s LOGIN IN ROLE leap_%1\$s', name)
        FROM unnest('{worker,operator}'::text[]) AS name
        WHERE to_regrole(name) IS NULL \gexec"
}

# what accounts at platforms are sealed with; a file that was made and not made known is made known
make_keys()
{
    local deed=init

    [ -d "${keys%/*}" ] || install -d -m 700 -o "$service_user" "${keys%/*}"
    ! as_service test -e "$keys" || deed=register
    as_service "$leap" keys "$deed" "$keys" >/dev/null
}

make_user()
{
    [ "$(sql -v email="$demo_user" <<<"SELECT count(*) FROM leap.users WHERE email = :'email'")" = 1 ] ||
        "$leap" user add "$demo_user" </dev/null
}

# put_into_inbox FILE NAME: a link if possible (a lecture is large), else a copy
put_into_inbox()
{
    local target=$state/inbox/$2

    [ ! -e "$target" ] || cmp -s "$1" "$target" ||
        fail "the inbox already holds another file \"$2\"" "rename yours"
    [ -e "$target" ] || { ! am_root && ln -L "$1" "$target" 2>/dev/null; } || {
        # under another name first: half a copy must not look like another file
        install -m 640 -o "$service_user" "$1" "$state/inbox/.copy"
        mv "$state/inbox/.copy" "$target"
    }
}

make_sample()
{
    as_service test -e "$state/inbox/sample-lecture.mp4" && return
    "$here/lecture.sh"
    put_into_inbox "$root/build/lecture/lecture.mp4" sample-lecture.mp4
}

# who is new may try it from the page; what was made once stays
offer_sample()
{
    sql -v path="$state/inbox/sample-lecture.mp4" -v database="$DATABASE" <<<"ALTER DATABASE :\"database\" SET leap.sample_lecture = :'path'"
}

newest_recording_of()
{
    sql -v path="$1" <<<"SELECT id FROM leap.recordings
        WHERE source->>'path' = :'path' ORDER BY created_at DESC LIMIT 1"
}

newest_run_state_of()
{
    sql -v id="$1" <<<"SELECT state FROM leap.runs
        WHERE recording_id = :'id' ORDER BY started_at DESC LIMIT 1"
}

# process PATH NAME: adds the file unless it is there, and watches it to its end
process()
{
    local id outcome=0

    id=$(newest_recording_of "$1")
    if [ -z "$id" ]
    then
        "$leap" add "$1" --name="$2" --user "$demo_user" --watch || outcome=$?
        id=$(newest_recording_of "$1")
    else
        say "\"$2\" is there already"
        [ "$(newest_run_state_of "$id")" = finished ] || "$leap" watch "$id" || outcome=$?
    fi
    [ -z "$id" ] || "$leap" show "$id" --files || true
    [ -z "$id" ] || [ $outcome != 1 ] || say "hint: $command retry $id" >&2
    return $outcome
}

# process_own FILE: what is named from here on is absolute, so that no name is an option
process_own()
{
    local file name

    [[ $1 != *[[:cntrl:]]* ]] || fail "the file's name holds a line break or another control character" \
        "give it another name"
    file=$(realpath -s -- "$1")
    name=${file##*/}
    [ -f "$file" ] || fail "there is no file \"$1\"" "make demo FILE=/path/to/lecture.mp4"
    put_into_inbox "$file" "$name"
    process "$state/inbox/$name" "${name%.*}"
}

step "build"
build
install_programs
write_command
step "database"
"$here/cluster.sh" create
"$here/cluster.sh" start
make_database
make_user
make_keys
[ $# -gt 0 ] || offer_sample
"$here/worker.sh" start
"$here/serve.sh" start
step "lecture"
if [ $# -gt 0 ]
then
    process_own "$1"
else
    make_sample
    process "$state/inbox/sample-lecture.mp4" "$sample_name"
fi
cat <<END

What now?
  make demo FILE=/path/to/lecture.mp4    your own lecture
  make psql                              the database
  make down                              stop it; make up starts it again
  $command list                        every recording; --help tells the rest

END
"$here/welcome.sh"
