# tests/bench/peers/celery_app.py
#     Celery on Redis: a chain of six steps. Each step sends the next before it is acknowledged
#     (acks_late); no result is stored, as the documentation advises where nobody reads it.
#     With BENCH_TRACE, a folder, each process writes there when its steps began and ended.

import os
import time

from celery import Celery

STEPS = 6
QUEUE = "steps"

app = Celery("bench", broker="redis+socket://" + os.environ["BENCH_REDIS"])
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    task_default_queue=QUEUE,
    worker_prefetch_multiplier=64,
    worker_hijack_root_logger=False,
)


def clock():
    return time.monotonic_ns() // 1000


def plain(item, number):
    if number < STEPS:
        step.apply_async((item, number + 1))


def traced(item, number):
    began = clock()
    ended = clock()
    if number < STEPS:
        step.apply_async((item, number + 1))
    sent = clock()
    with open(f"{os.environ['BENCH_TRACE']}/{os.getpid()}", "a", encoding="ascii") as trace:
        trace.write(f"{item} {number} start {began}\n{item} {number} end {ended}\n{item} {number} committed {sent}\n")


step = app.task(name="step")(traced if "BENCH_TRACE" in os.environ else plain)


@app.task(name="long")
def long():
    with open(os.environ["BENCH_STARTED"], "a", encoding="ascii") as started:
        started.write(f"{clock()}\n")
    time.sleep(600)
