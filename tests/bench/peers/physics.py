"""Times native MuJoCo for physics_bench.ts: RK4 steps in C through mujoco.rollout, one thread.

One JSON object a line on standard input, one on standard output:
  {"xml": path, "qpos": [n][nq], "qvel": [n][nv], "ctrl": [n][steps][nu]}  ->  {"us": microseconds per step}
The first line of output names the version. Reading, writing and allocation stay outside the timing.
"""

import json
import sys
import time

import mujoco
import numpy as np
from mujoco import rollout

STATE = mujoco.mjtState.mjSTATE_FULLPHYSICS


def load(path, cache={}):
    if path not in cache:
        model = mujoco.MjModel.from_xml_path(path)
        cache[path] = model, mujoco.MjData(model)
    return cache[path]


def initial_states(model, data, qpos, qvel):
    states = np.zeros((len(qpos), mujoco.mj_stateSize(model, STATE)))
    for i, (position, velocity) in enumerate(zip(qpos, qvel)):
        mujoco.mj_resetData(model, data)
        data.qpos[:] = position
        data.qvel[:] = velocity
        mujoco.mj_getState(model, data, states[i], STATE)
    return states


def microseconds(request):
    model, data = load(request["xml"])
    states = initial_states(model, data, request["qpos"], request["qvel"])
    ctrl = np.array(request["ctrl"])
    count, steps = ctrl.shape[:2]
    visited = np.zeros((count, steps, states.shape[1]))
    sensors = np.zeros((count, steps, model.nsensordata))
    start = time.perf_counter()
    rollout.rollout(model, data, states, ctrl, state=visited, sensordata=sensors)
    return (time.perf_counter() - start) * 1e6 / (count * steps)


print(json.dumps({"version": mujoco.mj_versionString()}), flush=True)
for line in sys.stdin:
    print(json.dumps({"us": microseconds(json.loads(line))}), flush=True)
