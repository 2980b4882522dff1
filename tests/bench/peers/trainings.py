"""Whole trainings of the peers on the processor, one thread: sb3-contrib's TRPO and SB3's PPO with rl-zoo's tuned settings.

Settings: rl-baselines3-zoo, hyperparams/trpo.yml (Hopper-v4, Walker2d-v4) and ppo.yml (Hopper-v3, Walker2d-v3).
"""

import time
from collections import deque

import gymnasium
import torch
from sb3_contrib import TRPO
from serve import serve
from stable_baselines3 import PPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv, VecNormalize

torch.set_num_threads(1)

WIDE = {"log_std_init": -2, "ortho_init": False, "activation_fn": torch.nn.ReLU, "net_arch": [256, 256]}
TRUST_REGION = {
    "batch_size": 128,
    "n_steps": 1024,
    "gamma": 0.99,
    "gae_lambda": 0.95,
    "sub_sampling_factor": 1,
    "cg_max_steps": 25,
    "cg_damping": 0.1,
    "n_critic_updates": 20,
    "learning_rate": 1e-3,
}
CLIPPED = {
    "Hopper-v5": {
        "batch_size": 32,
        "n_steps": 512,
        "gamma": 0.999,
        "learning_rate": 9.80828e-05,
        "ent_coef": 0.00229519,
        "clip_range": 0.2,
        "n_epochs": 5,
        "gae_lambda": 0.99,
        "max_grad_norm": 0.7,
        "vf_coef": 0.835671,
        "policy_kwargs": WIDE,
    },
    "Walker2d-v5": {
        "batch_size": 32,
        "n_steps": 512,
        "gamma": 0.99,
        "learning_rate": 5.05041e-05,
        "ent_coef": 0.000585045,
        "clip_range": 0.1,
        "n_epochs": 20,
        "gae_lambda": 0.95,
        "max_grad_norm": 1,
        "vf_coef": 0.871923,
    },
}


def make(algorithm, task, seed):
    kind, count, settings = (TRPO, 2, TRUST_REGION) if algorithm == "trpo" else (PPO, 1, CLIPPED[task])
    environments = VecNormalize(DummyVecEnv([lambda: Monitor(gymnasium.make(task))] * count))
    return kind("MlpPolicy", environments, seed=seed, device="cpu", **settings)


class Reached(BaseCallback):
    """Notes when the mean return of the episodes that ended within the last `window` steps reaches each threshold."""

    def __init__(self, thresholds, window, seconds):
        super().__init__()
        self.thresholds, self.window, self.limit = thresholds, window, seconds
        self.met, self.episodes = [None] * len(thresholds), deque()
        self.start = time.perf_counter()
        self.best = None

    def _on_step(self):
        for info in self.locals["infos"]:
            if "episode" in info:
                self.episodes.append((self.num_timesteps, info["episode"]["r"]))
        return time.perf_counter() - self.start < self.limit and None in self.met

    def _on_rollout_end(self):
        while self.episodes and self.episodes[0][0] <= self.num_timesteps - self.window:
            self.episodes.popleft()
        if not self.episodes or self.num_timesteps < self.window:
            return
        reached = sum(r for _, r in self.episodes) / len(self.episodes)
        self.best = reached if self.best is None else max(self.best, reached)
        for i, threshold in enumerate(self.thresholds):
            if self.met[i] is None and reached >= threshold:
                self.met[i] = {"steps": self.num_timesteps, "seconds": time.perf_counter() - self.start}


def train(algorithm, task, seed, thresholds, window, steps, seconds):
    model = make(algorithm, task, seed)
    noted = Reached(thresholds, window, seconds)
    model.learn(steps, callback=noted)
    spent = time.perf_counter() - noted.start
    return {"value": spent, "steps": model.num_timesteps, "met": noted.met, "best": noted.best}


serve({"train": train}, ["sb3-contrib", "stable-baselines3", "gymnasium", "mujoco", "torch"])
