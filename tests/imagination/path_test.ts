import { imaginedValue, pathDerivative, type WeightedPaths } from "./path_value.ts";
import { alone } from "./worlds.ts";
import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import type { ReturnForm } from "../../src/data/gradient.ts";
import type { PolicyParams } from "../../src/data/parameters.ts";
import { embed } from "../../src/imagination/embed.ts";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { initializeMlp } from "../../src/nn/networks/mlp.ts";
import { mlpEngine, plainEngine, useMlpEngine } from "../../src/nn/passes/mlp_engine.ts";
import { scoreGradient } from "../../src/estimators/ratio.ts";
import { linearPolicy, lqr, simulate } from "../estimators/lqr.ts";
import type { ImaginedTask } from "../../src/tasks/task.ts";
import { exactModel, exactTask, randomWorld } from "../estimators/world.ts";
import { referenceAction, referenceAdvantage } from "./reference.ts";

const root = makeKey(11);
const world = randomWorld(root, 0.7);
const policy: PolicyParams = {
  shape: { sizes: [2, 5, 1], activation: "tanh" },
  theta: Float32Array.of(...initializeMlp({ sizes: [2, 5, 1], activation: "tanh" }, fold(root, "policy"), 0.6), -0.7),
};
const forms: ReadonlyArray<ReturnForm> = [
  { discount: 0.9, weighting: "kStep", lambda: 0.8, termination: "soft" },
  { discount: 0.9, weighting: "lambdaWeighted", lambda: 0.8, termination: "soft" },
  { discount: 0.9, weighting: "lambdaWeighted", lambda: 0.8, termination: "hard" },
];

const makePath = (count: number, horizon: number, form: ReturnForm): WeightedPaths => {
  const { normal } = makeStream(fold(root, "path"));
  const draw = (length: number) => Float32Array.from({ length }, normal);
  return {
    observation: draw(2 * count),
    noise: draw(horizon * count),
    weight: Float32Array.from({ length: count }, (_, i) => (1 + i % 3) / count),
    horizon,
    form,
    world: alone({ ...world, policy }),
  };
};

/** Σ wᵢ Ãᵢ with θ perturbed at the first step alone, in float64. */
const reference = (path: WeightedPaths, theta: ArrayLike<number>): number => {
  const count = path.weight.length;
  let total = 0;
  for (let i = 0; i < count; i++) {
    const start = [path.observation[2 * i], path.observation[2 * i + 1]];
    const noise = Array.from({ length: path.horizon }, (_, j) => [path.noise[j * count + i]]);
    const action = referenceAction({ ...world, policy }, theta, start, noise[0]);
    total += path.weight[i] * referenceAdvantage({ ...world, policy }, start, action, noise, path.form);
  }
  return total;
};

/** wᵢ ∂Ãᵢ/∂aᵢ of the first action, by float64 differences. */
const slopeOf = (path: WeightedPaths, i: number): number => {
  const start = [path.observation[2 * i], path.observation[2 * i + 1]], count = path.weight.length;
  const noise = Array.from({ length: path.horizon }, (_, j) => [path.noise[j * count + i]]);
  const [action] = referenceAction({ ...world, policy }, policy.theta, start, noise[0]);
  const at = (h: number) => referenceAdvantage({ ...world, policy }, start, [action + h], noise, path.form);
  return path.weight[i] * (at(1e-6) - at(-1e-6)) / 2e-6;
};

Deno.test("Ã equals a float64 rollout, and its path derivative float64 differences of θ at the first step alone", async () => {
  await startBackend();
  for (const form of forms) {
    for (const horizon of [1, 2, 5]) {
      const path = makePath(40, horizon, form);
      assertAlmostEquals(imaginedValue(path, policy.theta), reference(path, policy.theta), 1e-5);
      const { gradient, slope } = pathDerivative(path);
      const theta = Float64Array.from(policy.theta);
      const differences = theta.map((_, i) => {
        const at = (h: number) => reference(path, theta.map((x, j) => (j === i ? x + h : x)));
        return (at(1e-6) - at(-1e-6)) / 2e-6;
      });
      const scale = Math.hypot(...differences);
      gradient.forEach((g, i) =>
        assertAlmostEquals(g, differences[i], 2e-5 * scale, `${form.weighting} k ${horizon} θ${i}`)
      );
      slope.forEach((g, i) =>
        assertAlmostEquals(g, slopeOf(path, i), 2e-5 * scale, `${form.weighting} k ${horizon} a${i}`)
      );
    }
  }
});

Deno.test("embedded trajectories equal float64 rollouts with the real actions and noise, for every horizon and engine", async () => {
  await startBackend();
  const acting = linearPolicy([-0.4, -0.6, 0.1, -0.5]), batch = simulate(lqr, acting, 6, root);
  const n = 24, steps = 4, own = { ...world, policy: acting };
  const noise = Float32Array.from({ length: steps * n }, makeStream(root).normal);
  for (const engine of [mlpEngine(), plainEngine]) {
    for (const form of forms) {
      for (const horizon of [steps, 3, 1]) { // fewer than there is noise for, too
        const before = useMlpEngine(engine), found = embed(alone(own), batch, noise, horizon, form);
        useMlpEngine(before);
        assertEquals(found.length, horizon);
        for (let k = 1; k <= horizon; k++) {
          for (let i = 0; i < n; i++) {
            const expected = referenceAdvantage(
              own,
              [batch.observation[2 * i], batch.observation[2 * i + 1]],
              [batch.action[i]],
              Array.from({ length: k }, (_, j) => [noise[j * n + i]]),
              form,
            );
            assertAlmostEquals(found[k - 1][i], expected, 2e-5, `${form.weighting} k ${k} of ${horizon}`);
          }
        }
      }
    }
  }
});

Deno.test("soft termination: path and likelihood-ratio gradients of E[Ã] agree; hard termination biases the path", async () => {
  await startBackend();
  const acting = linearPolicy([-0.4, -0.6, 0.1, -0.5]), horizon = 2, n = 4000;
  // Being alive is worth V = 5 and the action moves the state across the boundary: the boundary carries the gradient.
  const problem = { ...lqr, input: [0.1, 0.9] }, exact = exactTask(problem);
  const task: ImaginedTask = {
    ...exact,
    survival: (algebra, next) => [{ margin: algebra.shift(next[1], 1), width: 0.1 }],
  };
  const value = { shape: { sizes: [2, 1], activation: "tanh" as const }, theta: Float32Array.of(0, 0, 5) };
  const alive = { ...world, task, policy: acting, model: exactModel(problem), value: { ...world.value, ...value } };
  /** Mean and standard error over batches of (path − likelihood ratio), in its largest component. */
  const disagreement = (termination: ReturnForm["termination"]) => {
    const form: ReturnForm = { discount: 1, weighting: "kStep", lambda: 1, termination };
    const draws = Array.from({ length: 30 }, (_, b) => {
      const key = fold(fold(root, "draw"), b);
      const batch = simulate({ ...lqr, steps: 1 }, acting, n, key);
      const noise = Float32Array.from({ length: horizon * n }, makeStream(fold(key, "noise")).normal);
      noise.set(batch.noise, 0); // common noise: both gradients see the same actions
      const [, advantage] = embed(alone(alive), batch, noise, horizon, form);
      const score = scoreGradient(acting, world.normalizer, batch, advantage);
      const weight = new Float32Array(n).fill(1 / n);
      const { observation } = batch;
      const path = pathDerivative({ world: alone(alive), observation, noise, weight, horizon, form }).gradient;
      return path.map((x, i) => x - score[i]);
    });
    return Math.max(...[0, 1, 2, 3].map((j) => {
      const mean = draws.reduce((sum, d) => sum + d[j], 0) / draws.length;
      const variance = draws.reduce((sum, d) => sum + (d[j] - mean) ** 2, 0) / (draws.length - 1);
      return Math.abs(mean) / Math.sqrt(variance / draws.length);
    }));
  };
  assertLess(disagreement("soft"), 4);
  assertGreater(disagreement("hard"), 6);
});

Deno.test("a path derivative leaves parameters untouched", async () => {
  await startBackend();
  const path = makePath(8, 3, forms[1]), before = policy.theta.slice();
  pathDerivative(path).gradient;
  assert(policy.theta.every((x, i) => x === before[i]));
});
