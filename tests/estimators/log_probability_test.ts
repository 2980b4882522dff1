import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { Batch } from "../../src/data/batch.ts";
import { logProbabilities } from "../../src/estimators/log_probability.ts";
import { makeKey } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { makeNormalizer } from "../../src/nn/networks/normalizer.ts";
import { makePolicy } from "../../src/nn/networks/policy.ts";

Deno.test("log π(a|s) of a Gaussian with mean 0 and σ = ½, by its density", async () => {
  await startBackend();
  const policy = makePolicy({ observationSize: 1, actionSize: 2, hidden: [2], logStd: Math.log(0.5) }, makeKey(0));
  const theta = policy.theta.map((x, i) => (i < policy.theta.length - 2 ? 0 : x)); // all weights 0: the mean is 0
  const action = Float32Array.of(0, 0, 0.5, 0, 1, -0.5); // 3 transitions
  const batch = { steps: 3, environments: 1, observationSize: 1, actionSize: 2, observation: Float32Array.of(7, 8, 9) };
  const found = logProbabilities({ ...policy, theta }, makeNormalizer(1), { ...batch, action } as unknown as Batch);
  // Σ over 2 actions of −½(a/σ)² − log σ − ½ log 2π
  const constant = 2 * (Math.log(2) - 0.5 * Math.log(2 * Math.PI));
  const expected = [constant, constant - 0.5 * 1, constant - 0.5 * (4 + 1)];
  assertEquals(found.length, 3);
  expected.forEach((x, i) => assertAlmostEquals(found[i], x, 1e-6));
});
