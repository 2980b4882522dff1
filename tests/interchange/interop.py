"""Reads what `export` wrote with the tools that it is for, and compares value for value.

    pip install tensorboard==2.20.0 onnx onnxruntime numpy pandas
    deno task train reacher_trpo --iterations 3 --run interop
    deno task export runs/interop --tensorboard runs/interop_tb --csv runs/interop.csv --onnx runs/interop.onnx
    python tests/interchange/interop.py interop
"""

import json
import sys

import numpy as np
import onnx
import onnxruntime
import pandas as pd
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

name = sys.argv[1]
log = [json.loads(line) for line in open(f"runs/{name}/metrics.jsonl")]


def in_log(record, tag):
    group, _, rest = tag.partition("/")
    if group == "run":
        return record.get(rest)
    return record["seconds"].get(rest) if group == "seconds" else record.get(f"{group}.{rest}")


events = EventAccumulator(f"runs/{name}_tb/{name}", size_guidance={"scalars": 0})
events.Reload()
compared = 0
for tag in events.Tags()["scalars"]:
    want = [(r["steps"], np.float32(in_log(r, tag))) for r in log if isinstance(in_log(r, tag), (int, float))]
    have = [(event.step, np.float32(event.value)) for event in events.Scalars(tag)]
    assert want == have, tag
    compared += len(have)
assert events.Tags()["tensors"] == ["pipeline"]
print(f"TensorBoard: {compared} values of {len(events.Tags()['scalars'])} scalars are equal")

table = pd.read_csv(f"runs/{name}.csv")
assert len(table) == len(log) and all(table["steps"] == [r["steps"] for r in log])
assert np.array_equal(table["trpoUpdate.kl"], [r["trpoUpdate.kl"] for r in log])
print(f"pandas: {table.shape[0]} rows, {table.shape[1]} columns")

onnx.checker.check_model(onnx.load(f"runs/{name}.onnx"), full_check=True)
session = onnxruntime.InferenceSession(f"runs/{name}.onnx")
size = session.get_inputs()[0].shape[1]
observation = np.random.default_rng(0).normal(size=(100, size)).astype(np.float32)
action, mean = session.run(["action", "mean_action"], {"observation": observation})
model = {each.name: onnx.numpy_helper.to_array(each) for each in onnx.load(f"runs/{name}.onnx").graph.initializer}
x = np.clip((observation.astype(float) - model["mean"]) * model["scale"], -10, 10)
layers = sorted(each for each in model if each.startswith("weight_"))
for i, layer in enumerate(layers):
    x = x @ model[layer] + model[f"bias_{i}"]
    x = np.tanh(x) if i < len(layers) - 1 else x
assert np.abs(mean - x).max() < 1e-6, np.abs(mean - x).max()
assert np.abs(action - np.clip(x, model["action_low"], model["action_high"])).max() < 1e-6
print(f"onnxruntime: 100 actions within {np.abs(mean - x).max():.1e}")
