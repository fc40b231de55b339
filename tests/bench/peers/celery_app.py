# tests/bench/peers/celery_app.py
#     Celery on Redis: a chain of six steps. Each step sends the next before it is acknowledged
#     (acks_late); no result is stored, as the documentation advises where nobody reads it.

import os

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


@app.task(name="step")
def step(item, number):
    if number < STEPS:
        step.apply_async((item, number + 1))
