"""(checkpoint, Gymnasium environment) => mean, standard deviation and standard error of the undiscounted return.

python run_policy.py <checkpoint.safetensors> <env id> --episodes 50 [--deterministic] [--seed 0]

Returns over 50 episodes, sampled actions, mean +- standard error, of policies trained for 40 iterations (seed 0), here in
Gymnasium 1.2.3 with MuJoCo 3.14.0 beside `deno task eval runs/<id> --episodes 50 --sampled`:

pipeline              Gymnasium       eval
hopper_mscv.yaml      2525 +- 92      2562 +- 97
hopper_trpo.yaml      2599 +- 88      2709 +- 70
swimmer_mscv.yaml     278.5 +- 0.8    279.4 +- 1.1
swimmer_trpo.yaml     252.6 +- 1.7    255.9 +- 1.6
"""
import argparse, json, gymnasium, numpy

def load(path):
    """(path) => {name: array}. Layout: uint64 header length, JSON header, raw little-endian data."""
    raw = open(path, "rb").read()
    start = 8 + int.from_bytes(raw[:8], "little")
    kinds = {"F32": "<f4", "F64": "<f8", "I32": "<i4", "U32": "<u4", "U8": "u1", "I64": "<i8", "U64": "<u8", "BOOL": "?"}
    header = {name: t for name, t in json.loads(raw[8:start]).items() if name != "__metadata__"}
    return {name: numpy.frombuffer(raw[start + t["data_offsets"][0]:start + t["data_offsets"][1]], kinds[t["dtype"]])
            .reshape(t["shape"]) for name, t in header.items()}

def act(tensors, observation, random):
    """(observation [obs]) => action [act]: the mean, plus exp(logStd) * noise unless `random` is None

    Gymnasium's observations lie within normalizer.bound already; those of a simulator that does not clip are clipped here.
    """
    bound = tensors.get("normalizer.bound", numpy.inf)
    observation = numpy.clip(observation, -bound, bound)
    x = numpy.clip((observation - tensors["normalizer.mean"]) * tensors["normalizer.scale"], -10, 10)
    layers = sum(name.startswith("policy.layer") and name.endswith(".weight") for name in tensors)
    for i in range(layers):
        x = x @ tensors[f"policy.layer{i}.weight"] + tensors[f"policy.layer{i}.bias"]
        x = numpy.tanh(x) if i < layers - 1 else x
    return x if random is None else x + numpy.exp(tensors["policy.logStd"]) * random.standard_normal(x.shape)

def episode(env, tensors, seed, random):
    """(seed) => return of one episode; actions are clipped to the control range, as in training"""
    observation, total, done = env.reset(seed=seed)[0], 0.0, False
    while not done:
        action = numpy.clip(act(tensors, observation, random), env.action_space.low, env.action_space.high)
        observation, reward, terminated, truncated, _ = env.step(action)
        total, done = total + reward, terminated or truncated
    return total

def main():
    """(command line) => one line on the standard output"""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint")
    parser.add_argument("env")
    parser.add_argument("--episodes", type=int, default=50)
    parser.add_argument("--deterministic", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    o = parser.parse_args()
    tensors, env = load(o.checkpoint), gymnasium.make(o.env)
    random = None if o.deterministic else numpy.random.default_rng(o.seed)
    returns = [episode(env, tensors, o.seed + i, random) for i in range(o.episodes)]
    error = numpy.std(returns, ddof=1) / len(returns) ** 0.5 if len(returns) > 1 else float("nan")
    print(f"{o.env}: mean {numpy.mean(returns):.2f}, std {numpy.std(returns):.2f}, "
          f"standard error {error:.2f}, {len(returns)} episodes")

if __name__ == "__main__":
    main()
