import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PolicyParams } from "../../src/data/parameters.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/files/safetensors.ts";
import { onnxPolicy } from "../../src/interchange/onnx.ts";
import { policyTensors } from "../../src/interchange/policy_tensors.ts";
import { makeKey, makeStream } from "../../src/math/random.ts";
import { makePlainInference } from "../../src/nn/inference/plain_inference.ts";
import { makePolicyFunction } from "../../src/rollout/policy_function.ts";
import { getTask } from "../../src/tasks/registry.ts";
import { temporaryFolder } from "../temporary.ts";

const runtimePackage = "npm:onnxruntime-node@1.30.0"; // 290 MB: fetched for this test alone, no part of the project

/** Whether the package is there, or can be fetched. */
const hasRuntime = new Deno.Command(Deno.execPath(), {
  args: ["cache", "--quiet", "--no-config", "--no-lock", runtimePackage],
  stderr: "null",
}).outputSync().success;
if (!hasRuntime) console.log(`${runtimePackage} cannot be fetched: exported policies are not run by it`);

/** What runs the model. */
const runtime = `
import ort from "${runtimePackage}";
const [model, input] = Deno.args, { size, values } = JSON.parse(Deno.readTextFileSync(input));
const session = await ort.InferenceSession.create(model);
const feeds = { observation: new ort.Tensor("float32", Float32Array.from(values), [values.length / size, size]) };
const out = await session.run(feeds);
const told = Object.fromEntries(Object.entries(out).map(([name, { dims, data }]) => [name, { dims, data: [...data] }]));
console.log(JSON.stringify(told));
Deno.exit(0);
`;

const run = async (model: Uint8Array, size: number, values: ReadonlyArray<number>) => {
  const folder = temporaryFolder(), path = (name: string) => join(folder, name);
  writeFileSync(path("policy.onnx"), model);
  writeFileSync(path("input.json"), JSON.stringify({ size, values }));
  writeFileSync(path("run.mjs"), runtime);
  const args = ["run", "-A", "--quiet", "--no-config", "--no-lock", "run.mjs", "policy.onnx", "input.json"];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: folder }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
};

/**
 * A policy with weights of the size that initialisation gives, twice as large at the end so that actions leave the control
 * range, and a normaliser with a bound. Larger ones would show float32's rounding, not the model's.
 */
const example = (activation: "tanh" | "relu") => {
  const task = getTask("walker2d"), stream = makeStream(makeKey(7));
  const shape = { sizes: [task.observationSize, 32, 16, task.actionSize], activation };
  const layer = (inputs: number, outputs: number, size: number) =>
    Array.from({ length: (inputs + 1) * outputs }, () => size * stream.normal() / Math.sqrt(inputs));
  const theta = Float32Array.from([
    ...layer(17, 32, 1),
    ...layer(32, 16, 1),
    ...layer(16, 6, 2),
    -0.1,
    -0.2,
    -0.3,
    -0.4,
    -0.5,
    -0.6,
  ]);
  const policy: PolicyParams = { shape, theta }, size = task.observationSize;
  const normalizer = {
    mean: Float32Array.from({ length: size }, () => stream.normal()),
    scale: Float32Array.from({ length: size }, () => 0.2 + stream.uniform()),
    bound: Float32Array.from({ length: size }, (_, i) => (i < 8 ? Infinity : 10)),
  };
  const observations = Array.from({ length: 40 * size }, () => Math.fround(4 * stream.normal()));
  return { task, policy, normalizer, observations };
};

const running = { name: "onnx: a runtime gives the policy's actions, normalised, bounded and clipped, to 1e-6" };

Deno.test({ ...running, ignore: !hasRuntime }, async () => {
  for (const activation of ["tanh", "relu"] as const) {
    const { task, policy, normalizer, observations } = example(activation), size = task.observationSize;
    const model = onnxPolicy({ policy, normalizer, controlRange: task.controlRange, description: "test" });
    const { action, mean_action: mean, log_std: logStd } = await run(model, size, observations);
    assertEquals([action.dims, mean.dims, logStd.dims], [[40, 6], [40, 6], [6]]);
    const infer = makePlainInference(policy, normalizer), expected = new Float64Array(6); // in float64
    let clipped = 0;
    for (let row = 0; row < 40; row++) {
      infer(Float64Array.from(observations.slice(row * size, (row + 1) * size)), expected);
      for (let i = 0; i < 6; i++) {
        const given = action.data[row * 6 + i];
        const most = Math.max(1, Math.abs(expected[i])), clear = Math.min(1, Math.max(-1, expected[i]));
        assert(
          Math.abs(mean.data[row * 6 + i] - expected[i]) <= 1e-6 * most,
          `${mean.data[row * 6 + i]} ${expected[i]}`,
        );
        assert(Math.abs(given - clear) <= 1e-6, `${given} ${clear}`);
        if (Math.abs(given) === 1) clipped++;
      }
    }
    assert(clipped > 10 && clipped < 230, `${clipped} of 240 actions at an end`);
    assertEquals(logStd.data, [...policy.theta.slice(-6)]);
  }
});

Deno.test("safetensors of a policy: the layers as PyTorch has them give the same mean", () => {
  const { task, policy, normalizer, observations } = example("tanh");
  const file = encodeSafetensors(policyTensors(policy, normalizer, { task: task.name }));
  const { tensors, metadata } = decodeSafetensors(file), of = (name: string) => tensors.get(name)!;
  assertEquals([metadata.task, metadata.activation], ["walker2d", "tanh"]);
  assertEquals(of("policy.0.weight").shape, [32, 17]);
  const clamp = (x: number, most: number) => Math.min(most, Math.max(-most, x));
  const observation = observations.slice(0, 17),
    [mean, scale, bound] = ["mean", "scale", "bound"].map((each) => of(`normalizer.${each}`).data);
  let x = observation.map((o, i) => clamp((clamp(o, bound[i]) - mean[i]) * scale[i], 10));
  for (let layer = 0; layer < 3; layer++) {
    const { shape: [rows, columns], data } = of(`policy.${layer}.weight`), bias = of(`policy.${layer}.bias`).data;
    const y = Array.from({ length: rows }, (_, r) => x.reduce((sum, v, c) => sum + data[r * columns + c] * v, bias[r]));
    x = layer < 2 ? y.map(Math.tanh) : y;
  }
  const expected = makePolicyFunction(task, policy, normalizer)(observation);
  x.forEach((y, i) => assert(Math.abs(clamp(y, 1) - expected[i]) < 1e-6));
});

Deno.test("onnx: the description is in the file", () => {
  const { policy, normalizer } = example("tanh");
  const model = onnxPolicy({ policy, normalizer, controlRange: [[-1, 1]], description: "told to whoever opens it" });
  assertStringIncludes(new TextDecoder("latin1").decode(model), "told to whoever opens it");
});
