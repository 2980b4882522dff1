/**
 * Speed of the networks: `deno bench -A tests/bench/nn_bench.ts`, once more with MSCV_BLAS=off, and with
 * MSCV_KERNELS=off for the tensor library's own kernels.
 *
 * @module
 */
import tf from "@tensorflow/tfjs";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/backend.ts";
import { makeModel } from "../../src/nn/dynamics.ts";
import { modelGradient, type ModelSegments } from "../../src/nn/dynamics_fit.ts";
import { makeFisherProduct } from "../../src/nn/fisher.ts";
import { makePolicyInference } from "../../src/nn/inference.ts";
import { logProbability, makePolicy } from "../../src/nn/policy.ts";
import { lossGradient } from "../../src/nn/read.ts";
import { makeValue, valueGradient } from "../../src/nn/value.ts";

console.log((await startBackend()).line);

const key = makeKey(0);
const [obs, act] = [17, 6];
const normals = (label: string, n: number): Float32Array => {
  const { normal } = makeStream(fold(key, label));
  return Float32Array.from({ length: n }, normal);
};

const policy = makePolicy({ observationSize: obs, actionSize: act, hidden: [64, 64], logStd: 0 }, key);
const value = makeValue({ observationSize: obs, hidden: [64, 64] }, key);

for (const n of [512, 5000, 25000]) {
  const [observation, action, weight] = [normals("s", n * obs), normals("a", n * act), normals("w", n)];
  Deno.bench(`policy gradient [64, 64], ${n}`, () => {
    lossGradient((theta) => {
      const logProb = logProbability(
        policy.shape,
        theta,
        tf.tensor2d(observation, [n, obs]),
        tf.tensor2d(action, [n, act]),
      );
      return tf.mean(tf.mul(logProb, tf.tensor1d(weight))) as tf.Scalar;
    }, policy.theta);
  });
  const fisher = makeFisherProduct(policy, observation, .1);
  const v = normals("v", policy.theta.length);
  Deno.bench(`Fisher product [64, 64], ${n}`, () => {
    fisher.product(v);
  });
}

const batch = { observation: normals("s", 256 * obs), target: normals("y", 256), weight: normals("w", 256) };
Deno.bench("value gradient [64, 64], 256", () => {
  valueGradient(value.shape, value.theta, batch);
});

for (const [width, n, horizon] of [[64, 512, 1], [200, 256, 1], [200, 512, 1], [200, 256, 2], [500, 512, 1]]) {
  const model = makeModel(
    { inputSize: obs + act, outputSize: obs + 1, hidden: [width, width], activation: "relu", reward: "known" },
    key,
  );
  const segments: ModelSegments = {
    horizon,
    count: n,
    observation: normals("s", (horizon + 1) * n * obs),
    action: normals("a", horizon * n * act),
    residual: normals("r", horizon * n),
    mask: new Float32Array(horizon * n).fill(1),
  };
  Deno.bench(`dynamics gradient [${width}, ${width}], ${n}, ${horizon} step(s)`, () => {
    modelGradient(model, segments, { rewardWeight: 10 }, (s) => s);
  });
}

const infer = makePolicyInference(policy, { mean: new Float32Array(obs), scale: new Float32Array(obs).fill(1) });
const [one, mean] = [Float64Array.from(normals("s", obs)), new Float64Array(act)];
Deno.bench("inference 17-64-64-6, one observation", () => {
  infer(one, mean);
});
