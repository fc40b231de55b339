# tests/bench/systems_peers.bash
#     Sourced by chain.sh: how each of the other queues is prepared, filled, started, waited for
#     and counted. Their configurations are in tests/bench/peers.
#
# shellcheck shell=bash
# shellcheck disable=SC2154 # chain.sh assigns them

# ---------------------------------------------------------------- graphile-worker

prepare_graphile()
{
    fresh_database template1
    "$node" "$peers/graphile.mjs" migrate
}

fill_graphile()
{
    "$node" "$peers/graphile.mjs" fill "$1"
}

start_graphile()
{
    for ((w = 0; w < graphile_processes; w++))
    do
        start_worker "$node" "$peers/graphile.mjs" work "${1#graphile-}"
    done
}

settle_graphile()
{
    settle_postgres
}

counters_graphile()
{
    postgres_counters
}

wait_graphile()
{
    "$client" until "SELECT NOT EXISTS (SELECT FROM graphile_worker._private_jobs)"
}

# Jobs are deleted when they are done: their numbers tell how many there were.
check_graphile()
{
    [ "$(sql -d bench -c "SELECT last_value FROM graphile_worker.jobs_id_seq1")" -ge $(($1 * steps)) ] ||
        fail "graphile-worker has not run every step"
}

# ---------------------------------------------------------------- pg-boss

prepare_boss()
{
    fresh_database template1
    "$node" "$peers/boss.mjs" migrate
}

fill_boss()
{
    "$node" "$peers/boss.mjs" fill "$1"
}

start_boss()
{
    start_worker "$node" "$peers/boss.mjs" work
}

settle_boss()
{
    settle_postgres
}

counters_boss()
{
    postgres_counters
}

# the second question reads the whole table and is asked only when the first is answered with yes
wait_boss()
{
    "$client" until "SELECT NOT EXISTS (SELECT FROM pgboss.job WHERE name = 'step' AND state < 'active')
                        AND NOT EXISTS (SELECT FROM pgboss.job WHERE name = 'step' AND state < 'completed')"
}

check_boss()
{
    [ "$(sql -d bench -c "SELECT count(*) FROM pgboss.job WHERE name = 'step' AND state = 'completed'")" = $(($1 * steps)) ] ||
        fail "pg-boss has not run every step"
}

# ---------------------------------------------------------------- Celery and Redis

prepare_celery()
{
    :
}

# celery: every write flushed, as durable as the others; celery-everysec: its usual setting
fill_celery()
{
    case $current in
        celery-everysec*) start_redis everysec ;;
        *) start_redis always ;;
    esac
    "$python" "$bench/peers/celery_chain.py" fill "$1"
}

start_celery()
{
    case $1 in
        *-threads) start_worker "$python" "$bench/peers/celery_chain.py" work threads 8 ;;
        *) start_worker "$python" "$bench/peers/celery_chain.py" work prefork 2 ;;
    esac
}

settle_celery()
{
    :
}

counters_celery()
{
    redis_counters
}

wait_celery()
{
    "$python" "$bench/peers/celery_chain.py" wait "$items"
}

check_celery()
{
    stop_redis
}
