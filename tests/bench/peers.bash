# tests/bench/peers.bash
#     Sourced after server.bash: the other queues, installed below build/bench/peers, and a
#     Redis of our own.
#
# shellcheck shell=bash
# shellcheck disable=SC2154 # server.bash assigns them

peers=$built/peers
node=$peers/node_modules/.bin/node
python=/usr/bin/python3
export BENCH_REDIS=$LEAP_STATE/redis.sock
redis_pid=

# Installs what package-lock.json names, once for each version of it.
install_node_peers()
{
    mkdir -p "$peers"
    if ! cmp -s "$bench/peers/package-lock.json" "$peers/installed.json"
    then
        cp "$bench"/peers/package*.json "$peers/"
        (cd "$peers" && npm ci --no-audit --no-fund >npm.log 2>&1) || return 1
        # Debian's npm makes no link to it
        mkdir -p "$peers/node_modules/.bin"
        (cd "$peers/node_modules/.bin" && ln -sfn ../node-linux-*/bin/node node)
        cp "$peers/package-lock.json" "$peers/installed.json"
    fi
    cp "$bench"/peers/*.mjs "$peers/"
}

# has_peer KIND: whether it can be measured here
has_peer()
{
    case $1 in
        graphile | boss) install_node_peers && "$node" --version >/dev/null ;;
        celery) "$python" -c 'import celery, redis' 2>/dev/null && command -v redis-server >/dev/null ;;
        *) true ;;
    esac
}

# leaves in the array "all" what can be measured here
choose_installed()
{
    local name measured=()

    for name in "${all[@]}"
    do
        if has_peer "${name%%-*}"
        then
            measured+=("$name")
        else
            echo "$name is not installed here and not measured"
        fi
    done
    all=("${measured[@]}")
}

# start_redis always|everysec: an append-only file, flushed so
start_redis()
{
    local folder=$LEAP_STATE/redis

    stop_redis
    rm -rf "$folder"
    mkdir "$folder"
    "${slowed[@]}" redis-server --port 0 --unixsocket "$BENCH_REDIS" \
        --dir "$folder" --save '' --appendonly yes --appendfsync "$1" >"$folder/log" 2>&1 &
    redis_pid=$!
    for ((i = 0; i < 500; i++))
    do
        [ "$(redis-cli -s "$BENCH_REDIS" ping 2>/dev/null)" != PONG ] || return 0
        sleep 0.01
    done
    fail "Redis did not start" "see $folder/log"
}

stop_redis()
{
    [ -n "$redis_pid" ] || return 0
    kill "$redis_pid" 2>/dev/null || true
    wait "$redis_pid" 2>/dev/null || true
    redis_pid=
}

# redis_counters: milliseconds of processor time, bytes written to the append-only file
redis_counters()
{
    echo "$(tree_cpu "$redis_pid") $(redis-cli -s "$BENCH_REDIS" info persistence | sed -n 's/^aof_current_size:\([0-9]*\).*/\1/p') 0"
}
