#!/bin/bash
# docker/local/prefix.sh
#     Installs what `make all` built, with a private PostgreSQL around it, into $LEAP_PREFIX.
#
# An extension must lie in the server's own folders. Instead of writing into the system's,
# the server gets folders of its own: PostgreSQL finds its files relative to its executable,
# so copied programs beside linked libraries are a complete installation (13 MB).
# Installed files are replaced, never rewritten: a running server keeps what it has open.
# shellcheck source=docker/local/environment.sh
. "$(dirname "$0")/environment.sh"

# link_all FROM TO: everything in FROM appears in TO; LEAP's own files are left alone
link_all()
{
    local from=$1 to=$2

    mkdir -p "$to"
    find "$from" -mindepth 1 -maxdepth 1 ! -name 'leap*' -exec ln -sfnt "$to" {} +
}

copy_programs()
{
    local program

    mkdir -p "$pg_bin"
    for program in "$PG_SYSTEM"/bin/*
    do
        cmp -s "$program" "$pg_bin/${program##*/}" ||
            install -m 755 "$program" "$pg_bin/"
    done
}

make_private_postgresql()
{
    local share=share/postgresql/$PG_MAJOR

    copy_programs
    link_all "$PG_SYSTEM/lib" "$prefix/lib/postgresql/$PG_MAJOR/lib"
    [ ! -L "$prefix/$share/extension" ] || rm "$prefix/$share/extension"
    mkdir -p "$prefix/$share/extension"
    find "/usr/$share" -mindepth 1 -maxdepth 1 ! -name extension \
        -exec ln -sfnt "$prefix/$share" {} +
    link_all "/usr/$share/extension" "$prefix/$share/extension"
    ln -sfn /usr/include "$prefix/include"
}

make_private_postgresql
make --no-print-directory -s -C "$root" install PREFIX="$prefix" PG_CONFIG="$pg_bin/pg_config"
