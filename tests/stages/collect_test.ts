/** What `collect` hands on from one batch to the next: environments, and the statistics of observations. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { fold } from "../../src/math/random.ts";
import { makeNormalizer } from "../../src/nn/networks/normalizer.ts";
import { makeEnvs } from "../../src/rollout/envs.ts";
import { collect } from "../../src/stages/collect.ts";
import { reference } from "../nn/reference.ts";
import { key, policyFor } from "../rollout/collection.ts";
import { lever } from "../tasks/lever.ts";
import { runStage } from "./program.ts";

const policy = policyFor(lever);

/** What the stage writes in three iterations of ten steps in two environments; an episode of the lever lasts thirty. */
const iterations = async () => {
  const stage = collect(lever, { steps: 20, environments: 2 });
  const first = await runStage(stage.run({ policy, normalizer: makeNormalizer(1), envs: makeEnvs(lever, 0) }, key));
  const written = [first];
  for (let i = 1; i < 3; i++) {
    written.push(await runStage(stage.run({ policy, ...written[i - 1] }, fold(key, i))));
  }
  return written;
};

Deno.test("the policy sees observations in deviations of all batches before its own, in the first one as they are", async () => {
  const seen: number[] = [], std = Math.exp(policy.theta[policy.theta.length - 1]);
  for (const { batch, normalizer } of await iterations()) {
    const mean = seen.reduce((sum, x) => sum + x / seen.length, 0);
    const variance = seen.length === 0 ? 1 : seen.reduce((sum, x) => sum + (x - mean) ** 2 / seen.length, 0);
    assertAlmostEquals(normalizer.mean[0], mean, 1e-6);
    assertAlmostEquals(normalizer.scale[0], 1 / Math.sqrt(variance), 1e-6);
    batch.observation.forEach((x, i) => {
      const [mu] = reference(policy.shape, policy.theta, [(x - mean) / Math.sqrt(variance)]);
      assertAlmostEquals(batch.action[i], mu + std * batch.noise[i], 1e-5);
    });
    seen.push(...batch.observation);
    assertEquals(normalizer.count, seen.length);
  }
});

Deno.test("environments go on from batch to batch: three batches of ten steps are one episode of thirty", async () => {
  const written = await iterations(), batches = written.map(({ batch }) => batch);
  assertEquals(batches.map(({ elapsed }) => [...elapsed!]), [[0, 0], [10, 10], [20, 20]]);
  for (const i of [1, 2]) assertEquals(batches[i].observation.slice(0, 2), batches[i - 1].nextObservation.slice(-2));
  assertEquals(batches.map(({ episodeLengths }) => [...episodeLengths]), [[], [], [30, 30]]);
  [0, 1].forEach((n) => {
    const rewards = batches.flatMap(({ reward }) => [...reward].filter((_, i) => i % 2 === n));
    assertAlmostEquals(batches[2].episodeReturns[n], rewards.reduce((sum, r) => sum + r), 1e-5);
  });
  assertEquals(written.map(({ metrics }) => metrics.episodes), [0, 0, 2]);
});
