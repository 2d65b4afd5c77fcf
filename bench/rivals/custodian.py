"""Runs Cloud Custodian's Lambda entry point on CloudTrail events, one by one, as its Lambda function would.

The protocol is that of handler-process.mjs, a batch being one event. The first argument is a folder with a
config.json, which is what Custodian packs into the function.
"""

import json
import os
import sys
import time

started = time.perf_counter()
os.chdir(sys.argv[1])

from c7n import handler  # noqa: E402  (it reads its settings when it is imported)

import_ms = (time.perf_counter() - started) * 1000


def run(batches, max_seconds):
    latencies_ms = []
    cpu_start = time.process_time()
    start = time.perf_counter()
    for event in batches:
        event_start = time.perf_counter()
        handler.dispatch_event(event, None)
        latencies_ms.append((time.perf_counter() - event_start) * 1000)
        if time.perf_counter() - start > max_seconds:
            break
    return {
        "importMs": import_ms,
        "events": len(latencies_ms),
        "failures": 0,
        "wallMs": (time.perf_counter() - start) * 1000,
        "cpuMs": (time.process_time() - cpu_start) * 1000,
        "processCpuMs": time.process_time() * 1000,
        "latenciesMs": latencies_ms,
    }


for line in sys.stdin:
    request = json.loads(line)
    reply = run(request["batches"], request["maxSeconds"])
    os.write(3, (json.dumps(reply) + "\n").encode())
