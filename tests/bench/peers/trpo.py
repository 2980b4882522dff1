"""One iteration of sb3-contrib's TRPO on the processor, one thread: 5000 steps, [64, 64], 10 conjugate-gradient steps,
10 epochs of 20 minibatches of 250 for the value function."""

import resource
import sys
import time

import torch
from sb3_contrib import TRPO
from serve import serve
from stable_baselines3.common.vec_env import DummyVecEnv
import gymnasium

torch.set_num_threads(1)
ENVIRONMENTS, STEPS = 5, 5000
made = {}


def make(task):
    model = TRPO(
        "MlpPolicy",
        DummyVecEnv([lambda: gymnasium.make(task)] * ENVIRONMENTS),
        n_steps=STEPS // ENVIRONMENTS,
        gamma=0.995,
        gae_lambda=0.97,
        cg_max_steps=10,
        cg_damping=0.1,
        line_search_max_iter=10,
        target_kl=0.01,
        n_critic_updates=10,
        batch_size=250,
        policy_kwargs={"net_arch": {"pi": [64, 64], "vf": [64, 64]}},
        seed=0,
        device="cpu",
    )
    parts = {}
    for name in ("collect_rollouts", "train"):
        setattr(model, name, clocked(getattr(model, name), name, parts))
    return model, parts


def clocked(method, name, parts):
    def run(*arguments, **named):
        start = time.perf_counter()
        result = method(*arguments, **named)
        parts[name] = time.perf_counter() - start
        return result

    return run


def iteration(task):
    if task not in made:
        made[task] = make(task)
    model, parts = made[task]
    start = time.perf_counter()
    model.learn(STEPS, reset_num_timesteps=False)
    return {"value": time.perf_counter() - start, "parts": parts}


def memory(task, iterations):
    for _ in range(iterations):
        iteration(task)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"value": peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6}


serve({"iteration": iteration, "memory": memory}, ["sb3-contrib", "stable-baselines3", "gymnasium", "mujoco", "torch"])
