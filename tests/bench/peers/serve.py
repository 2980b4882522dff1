"""One peer as a process: a request a line on stdin, an answer a line on stdout, both JSON.

{"case": name, ...options}  =>  {"value": number, ...} or {"error": text}
"""

import json
import os
import platform
import sys
import time
from importlib.metadata import version


def fill(count, seed, scale=1.0):
    """Numbers in +-scale that the other side makes by the same formula, so that results can be compared."""
    import numpy as np

    x = np.sin(np.arange(1, count + 1) * 12.9898 + seed * 78.233) * 43758.5453
    return ((2 * (x - np.floor(x)) - 1) * scale).astype(np.float32)


def microseconds(work, seconds):
    """Mean time of one call over about so many seconds."""
    count, start = 0, time.perf_counter()
    while True:
        work()
        count += 1
        spent = time.perf_counter() - start
        if spent >= seconds:
            return spent / count * 1e6


def versions(packages):
    found = {name: version(name) for name in packages}
    return {"value": 0, "versions": {"Python": platform.python_version(), **found}}


def serve(cases, packages):
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints must not look like an answer
    cases = {"versions": lambda: versions(packages), **cases}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = cases[request.pop("case")](**request)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)
