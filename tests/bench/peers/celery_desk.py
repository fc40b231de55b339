# tests/bench/peers/celery_desk.py enqueue COUNT MILLISECONDS
#     Starts a chain after the other, at times of its own, and prints when it did.

import random
import sys
import time

from celery_app import clock, step


def enqueue(count, gap):
    trace = []
    at = clock()
    for item in range(count):
        # half the gap to one and a half of it
        at += 1000 * (gap / 2 + random.random() * gap)
        time.sleep(max(0, at - clock()) / 1e6)
        trace.append((item, 0, "end", clock()))
        step.apply_async((item, 1))
        trace.append((item, 0, "committed", clock()))
    for event in trace:
        print(*event)


enqueue(int(sys.argv[2]), int(sys.argv[3]))
