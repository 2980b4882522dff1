/** Ã that comes with a path's slope: that of the embedded rollout with the same actions, on kernels and in plain arrays. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { Ensemble } from "../../src/data/folds.ts";
import type { ReturnForm } from "../../src/data/gradient.ts";
import type { ModelParams } from "../../src/data/parameters.ts";
import { embed } from "../../src/imagination/embed.ts";
import { type Paths, rollPath } from "../../src/imagination/path.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { evaluatePolicy } from "../../src/nn/networks/evaluated_policy.ts";
import { normalizeInto } from "../../src/nn/networks/normalizer.ts";
import { mlpEngine, plainEngine, useMlpEngine } from "../../src/nn/passes/mlp_engine.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { randomBatch, randomPath, randomWorldOf } from "./worlds.ts";

await startBackend();

const root = makeKey(57), n = 300, k = 4;
const [world, other] = ["world", "other"].map((name) => randomWorldOf(tasks.hopper, "known", "tanh", fold(root, name)));

/** (path) ⇒ Ã_k of its starts, with the actions that it takes first. */
const embedded = (path: Paths): Float32Array => {
  const { policy, normalizer } = path.world, size = policy.shape.sizes.at(-1)!;
  const { mean } = evaluatePolicy(policy, normalizeInto(normalizer, path.observation));
  const std = policy.theta.slice(-size).map(Math.exp), action = mean.map((m, i) => m + std[i % size] * path.noise[i]);
  const batch = { ...randomBatch(world, n, root), observation: path.observation, action };
  return embed(path.world, batch, path.noise, k, path.form)[k - 1];
};

Deno.test("Ã of a path is that of embedding its actions; of an ensemble it and the slope are means", () => {
  const ensembles: ReadonlyArray<Ensemble<ModelParams>["members"]> = [[world.model], [world.model, other.model]];
  for (const weighting of ["kStep", "lambdaWeighted"] as const) {
    const form: ReturnForm = { discount: 0.97, weighting, lambda: 0.9, termination: "soft" };
    for (const engine of [mlpEngine(), plainEngine]) {
      const before = useMlpEngine(engine);
      try {
        const paths = ensembles.map((members) => ({
          ...randomPath(world, n, k, form, root),
          world: { ...world, model: { members } },
        }));
        for (const path of paths) {
          const expected = embedded(path);
          rollPath(path).advantage.forEach((x, i) => assertAlmostEquals(x, expected[i], 1e-4 * (1 + Math.abs(x))));
        }
        const second = rollPath({ ...paths[0], world: { ...world, model: { members: [other.model] } } });
        const [first, both] = paths.map(rollPath);
        for (const name of ["advantage", "slope"] as const) {
          assertEquals(both[name], first[name].map((x, i) => (x + second[name][i]) / 2));
        }
      } finally {
        useMlpEngine(before);
      }
    }
  }
});
