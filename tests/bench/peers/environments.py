"""Environment steps per second: Gymnasium's vector environments, and MuJoCo's own threaded rollout (physics alone)."""

import time

import gymnasium
import mujoco
import numpy as np
import torch
from mujoco import rollout
from serve import serve

torch.set_num_threads(1)
made = {}


def once(key, make):
    if key not in made:
        made[key] = make()
    return made[key]


def vector(task, kind, environments):
    def make():
        classes = {"sync": gymnasium.vector.SyncVectorEnv, "async": gymnasium.vector.AsyncVectorEnv}
        envs = classes[kind]([lambda: gymnasium.make(task)] * environments)
        envs.reset(seed=0)
        return envs

    return once((task, kind, environments), make)


def policy(envs, hidden):
    """[hidden] tanh layers and Gaussian noise; no more around it than the envs need."""
    sizes = [envs.single_observation_space.shape[0], *hidden]
    layers = [m for a, b in zip(sizes, sizes[1:]) for m in (torch.nn.Linear(a, b), torch.nn.Tanh())]
    net = torch.nn.Sequential(*layers, torch.nn.Linear(sizes[-1], envs.single_action_space.shape[0]))

    def act(observation):
        with torch.inference_mode():
            mean = net(torch.from_numpy(observation.astype(np.float32)))
            return (mean + torch.randn_like(mean)).clamp_(-1, 1).numpy()

    return act


def collect(task, kind, environments, hidden, steps):
    envs = vector(task, kind, environments)
    count = steps // environments
    if hidden is None:  # uniform actions, drawn beforehand
        actions = np.random.default_rng(0).uniform(-1, 1, (count, *envs.action_space.shape)).astype(np.float32)
        start = time.perf_counter()
        for action in actions:
            envs.step(action)
    else:
        act = once((task, *hidden), lambda: policy(envs, hidden))
        observation, _ = envs.reset()
        start = time.perf_counter()
        for _ in range(count):
            observation = envs.step(act(observation))[0]
    return {"value": count * environments / (time.perf_counter() - start)}


def physics(model, seconds_per_rollout, rollouts, threads, steps, unit):
    """`rollouts` open-loop rollouts of random controls from near the initial state, stepped in C over `threads`."""

    def make():
        m = mujoco.MjModel.from_xml_path(model)
        data = [mujoco.MjData(m) for _ in range(threads)]
        return m, data, rollout.Rollout(nthread=0 if threads == 1 else threads)

    m, data, pool = once((model, threads), make)
    random, kind = np.random.default_rng(), mujoco.mjtState.mjSTATE_FULLPHYSICS
    start_state = np.zeros((rollouts, mujoco.mj_stateSize(m, kind)))
    for row in start_state:
        mujoco.mj_resetData(m, data[0])
        data[0].qpos += random.uniform(-0.005, 0.005, m.nq)
        data[0].qvel += random.uniform(-0.005, 0.005, m.nv)
        mujoco.mj_getState(m, data[0], row, kind)
    control = random.uniform(-1, 1, (rollouts, steps, m.nu))
    state = np.empty((rollouts, steps, start_state.shape[1]))
    sensors = np.empty((rollouts, steps, m.nsensordata))
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds_per_rollout:
        pool.rollout(m, data, start_state, control, state=state, sensordata=sensors, skip_checks=False)
        count += rollouts * steps
    spent = time.perf_counter() - start
    return {"value": spent / count * 1e6 if unit == "µs" else count / spent / 4}


serve({"collect": collect, "physics": physics}, ["gymnasium", "mujoco", "numpy", "torch"])
