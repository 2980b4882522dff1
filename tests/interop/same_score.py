"""(run folders) => mean return and standard error of each run's policy, in `eval` and in Gymnasium; exits 1 where they differ.

pip install "gymnasium[mujoco]==1.4.0" "mujoco==3.14.0" "numpy==2.4.6"
python tests/interop/same_score.py runs/<id> ... [--episodes 50] [--seed 0]

Mean actions, from the same checkpoint. The two differ where their means are more than 3 standard errors of the difference apart.

Policies of *_trpo.yaml, seed 0, 50 episodes, mean +- standard error, on two cores of a shared machine:

pipeline                        iterations   eval              Gymnasium
inverted_double_pendulum_trpo   60           9146 +- 177       9322.71 +- 0.15   (one of eval's episodes fell)
half_cheetah_trpo               60           2360.7 +- 12.8    2352.3 +- 11.0
ant_trpo (logStd 0)             60           44.9 +- 11.6      35.5 +- 4.1
ant_trpo                        80           1488.4 +- 6.1     1477.3 +- 9.9
"""
import argparse, json, pathlib, subprocess, sys

import gymnasium, numpy

from run_policy import episode, load

IDS = {"ant": "Ant-v5", "halfCheetah": "HalfCheetah-v5", "hopper": "Hopper-v5", "humanoid": "Humanoid-v5",
       "humanoidStandup": "HumanoidStandup-v5", "invertedDoublePendulum": "InvertedDoublePendulum-v5",
       "invertedPendulum": "InvertedPendulum-v5", "pusher": "Pusher-v5", "reacher": "Reacher-v5", "swimmer": "Swimmer-v5",
       "walker2d": "Walker2d-v5"}

def evaluated(run, episodes, seed):
    """(run folder) => what `eval --json` prints"""
    command = ["deno", "task", "--quiet", "eval", run, "--episodes", str(episodes), "--seed", str(seed), "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

def simulated(checkpoint, task, episodes, seed):
    """(checkpoint folder, task) => returns [episodes] in Gymnasium"""
    tensors, env = load(pathlib.Path(checkpoint, "state.safetensors")), gymnasium.make(IDS[task])
    return numpy.array([episode(env, tensors, seed + i, None) for i in range(episodes)])

def shown(returns):
    """(returns [n]) => mean, standard error"""
    return numpy.mean(returns), numpy.std(returns, ddof=1) / len(returns) ** 0.5

def main():
    """(command line) => one line a run"""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--episodes", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    o, apart = parser.parse_args(), 0
    for run in o.runs:
        said = evaluated(run, o.episodes, o.seed)
        (here, error), (there, other) = [shown(returns) for returns in [
            numpy.array([each["return"] for each in said["episodes"]]),
            simulated(said["checkpoint"], said["task"], o.episodes, o.seed)]]
        errors = abs(here - there) / max((error ** 2 + other ** 2) ** 0.5, 1e-12)
        apart += errors > 3
        print(f"{IDS[said['task']]}, {said['steps']} steps: eval {here:.2f} +- {error:.2f}, Gymnasium {there:.2f} +- {other:.2f}, "
              f"{errors:.1f} standard errors apart", flush=True)
    sys.exit(1 if apart else 0)

if __name__ == "__main__":
    main()
