# tests/bench/peers/celery_chain.py fill ITEMS | wait ITEMS | long | work POOL CONCURRENCY
#     Fills the queue; waits until Redis holds nothing any more of so many chains, and prints
#     the microseconds of the clock then; sends a task that takes ten minutes; or works.

import os
import signal
import subprocess
import sys
import time

import redis

from celery_app import QUEUE, STEPS, app, long, step


def connect():
    return redis.Redis(unix_socket_path=os.environ["BENCH_REDIS"], socket_timeout=60)


def fill(items):
    with app.producer_pool.acquire(block=True) as producer:
        for item in range(int(items)):
            step.apply_async((item, 1), producer=producer)


# Empty alone could be a moment in which a message is on its way: all must have been sent, too.
def is_done(store, messages):
    return (store.llen(QUEUE) == 0 and store.hlen("unacked") == 0
            and store.info("commandstats")["cmdstat_lpush"]["calls"] >= messages)


def wait(items):
    store = connect()
    while not is_done(store, int(items) * STEPS):
        time.sleep(0.005)
    print(time.monotonic_ns() // 1000)


def send_long():
    long.apply_async()


# The worker starts on an empty queue and gets the full one when it is released.
def work(pool, concurrency):
    worker = subprocess.Popen([
        sys.executable, "-m", "celery", "-A", "celery_app", "worker", "--pool", pool, "--concurrency", concurrency,
        "--queues", "none", "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"],
        cwd=os.path.dirname(os.path.abspath(__file__)))
    signal.signal(signal.SIGTERM, lambda *_: worker.terminate())
    while not app.control.ping(timeout=0.5):
        if worker.poll() is not None:
            sys.exit("the worker has ended")
    print("ready", flush=True)
    sys.stdin.readline()
    app.control.add_consumer(QUEUE, reply=False)
    worker.wait()


if __name__ == "__main__":
    {"fill": fill, "wait": wait, "long": send_long, "work": work}[sys.argv[1]](*sys.argv[2:])
