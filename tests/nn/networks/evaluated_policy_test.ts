import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { mlpParameterCount } from "../../../src/data/parameters.ts";
import { fold, makeKey } from "../../../src/math/random.ts";
import { startBackend, tensorCount } from "../../../src/nn/kernels/backend.ts";
import { mlpEngine, plainEngine, useMlpEngine } from "../../../src/nn/passes/mlp_engine.ts";
import { networkForward } from "../../../src/nn/passes/network_forward.ts";
import { makePolicy } from "../../../src/nn/networks/policy.ts";
import { evaluatePolicy, meanDivergence } from "../../../src/nn/networks/evaluated_policy.ts";
import { ratioValue } from "../../../src/estimators/ratio.ts";
import { normals, reference, rows } from "../reference.ts";

await startBackend();

const key = makeKey(8);
const [n, obs, act] = [1100, 5, 3]; // three chunks
const made = makePolicy({ observationSize: obs, actionSize: act, hidden: [8, 7], logStd: -.3 }, key);
const policy = { ...made, theta: made.theta.map((t, i) => t + .3 * Math.sin(7 * i)) };
const moved = policy.theta.map((t, i) => t + .02 * Math.cos(3 * i));
const observation = normals(fold(key, 1), n * obs), action = normals(fold(key, 2), n * act);
const signal = normals(fold(key, 3), n), logProb = normals(fold(key, 4), n, .1).map((x) => x - 4);

/** Density of N(μ, σ²). */
const density = (x: number, mean: number, deviation: number): number =>
  Math.exp(-((x - mean) ** 2) / (2 * deviation ** 2)) / (deviation * Math.sqrt(2 * Math.PI));

/** (θ) ⇒ (KL, surrogate) in float64, from densities and the closed form of the KL of two normal distributions. */
const expected = (theta: Float32Array) => {
  const first = mlpParameterCount(policy.shape), states = rows(observation, obs), actions = rows(action, act);
  const deviationOf = (of: Float32Array, j: number) => Math.exp(of[first + j]);
  let kl = 0, surrogate = 0;
  states.forEach((s, i) => {
    const [before, after] = [policy.theta, theta].map((t) => reference(policy.shape, t, s));
    let probability = 1;
    for (let j = 0; j < act; j++) {
      const [p, q] = [deviationOf(policy.theta, j), deviationOf(theta, j)];
      kl += (Math.log(q / p) + (p ** 2 + (before[j] - after[j]) ** 2) / (2 * q ** 2) - .5) / n;
      probability *= density(actions[i][j], after[j], q);
    }
    surrogate += probability / Math.exp(logProb[i]) * signal[i] / n;
  });
  return { kl, surrogate };
};

Deno.test("KL and ratio of an evaluated policy equal those of the densities, on every engine", () => {
  const engine = mlpEngine(), tensors = tensorCount();
  for (const used of [engine, plainEngine]) {
    useMlpEngine(used);
    try {
      const old = evaluatePolicy(policy, observation);
      const trial = (theta: Float32Array) => {
        const tried = evaluatePolicy({ ...policy, theta }, observation);
        const ratio = ratioValue({ kind: "ratio", observation, action, logProb, signal }, tried);
        return { kl: meanDivergence(old, tried), surrogate: ratio };
      };
      for (const theta of [policy.theta, moved]) {
        const found = trial(theta), { kl, surrogate } = expected(theta);
        assertAlmostEquals(found.kl, kl, 1e-6 + 1e-5 * kl);
        assertAlmostEquals(found.surrogate, surrogate, 1e-5 * Math.abs(surrogate) + 1e-6);
      }
      assert(trial(moved).kl > 1e-3);
    } finally {
      useMlpEngine(engine);
    }
  }
  assertEquals(tensorCount(), tensors);
});

Deno.test("the forward pass shows every row once, in order", () => {
  const firsts: number[] = [], shape = { sizes: [1, 1], activation: "tanh" as const }; // y = 2x + 1, of whole numbers exact
  const x = Float32Array.from({ length: 2500 }, (_, i) => i), seen = new Float32Array(2500);
  networkForward(shape, new Float32Array([2, 1]), x, (y, first) => {
    firsts.push(first);
    seen.set(y, first);
  });
  assertEquals(seen, x.map((v) => 2 * v + 1));
  assertEquals(firsts, mlpEngine() === plainEngine ? [0] : [0, 512, 1024, 1536, 2048]);
});
