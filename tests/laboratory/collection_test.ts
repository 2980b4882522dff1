/**
 * Batches with what lies beyond their ends, and the advantages that real physics decides.
 *
 * @module
 */
import { oneFold } from "../../src/data/folds.ts";
import { assert, assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { batchSize } from "../../src/data/batch.ts";
import { generalisedAdvantage, kStepAdvantage } from "../../src/data/returns.ts";
import { batchValues } from "../../src/estimators/real_advantage.ts";
import { collectStationary, stationaryState } from "../../src/laboratory/collection.ts";
import { perfectAdvantage, trueAdvantage } from "../../src/laboratory/true_advantage.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { predictValue } from "../../src/nn/networks/value.ts";
import { normalizeInto } from "../../src/nn/networks/normalizer.ts";
import { runEnvironment } from "../../src/rollout/environment.ts";
import { environmentState, makeEnvs } from "../../src/rollout/envs.ts";
import { frozenAt } from "./frozen.ts";

const key = makeKey(12), DISCOUNT = 0.9, TAIL = 150; // .9^150 = 1e-7

for (const name of ["hopper", "reacher"]) {
  Deno.test(`${name}: continuations begin with the row that they continue, at every end that is not terminal`, async () => {
    const frozen = await frozenAt(name);
    const { batch, ends } = collectStationary(frozen, { environments: 3, steps: 60 }, 5, key);
    const { observationSize: no, actionSize: na } = batch;
    let truncations = 0;
    for (let row = 0; row < batchSize(batch); row++) {
      const isEnd = !batch.terminated[row] && (batch.truncated[row] === 1 || row >= batchSize(batch) - 3);
      const end = ends.get(row);
      assertEquals(end !== undefined, isEnd);
      if (end === undefined) continue;
      truncations += batch.truncated[row];
      assertEquals(end.reward[0], batch.reward[row]);
      assertEquals(end.action.slice(0, na), batch.action.slice(row * na, (row + 1) * na));
      assertEquals(end.observation.slice(no, 2 * no), batch.nextObservation.slice(row * no, (row + 1) * no));
      assert(end.length === 6 || end.terminated);
    }
    assertEquals(truncations > 0, name === "reacher"); // its episodes last 50 steps
  });

  Deno.test(`${name}: the true advantage is the discounted sum of rewards to the end of the physics, whatever V`, async () => {
    const frozen = await frozenAt(name);
    const collected = collectStationary(frozen, { environments: 2, steps: 70 }, TAIL, key), { batch, ends } = collected;
    const advantage = trueAdvantage(frozen, collected, DISCOUNT);
    const value = predictValue(frozen.value.first.network, normalizeInto(frozen.normalizer, batch.observation));
    for (let row = 0; row < batchSize(batch); row++) {
      let total = 0, weight = 1;
      for (let i = row; i < batchSize(batch); i += 2) {
        const end = ends.get(i);
        for (const r of end?.reward ?? [batch.reward[i]]) {
          total += weight * r;
          weight *= DISCOUNT;
        }
        if (end !== undefined || batch.terminated[i]) break;
      }
      assertAlmostEquals(advantage[row], total - value[row], 1e-4 * (1 + Math.abs(total)));
    }
    // another V moves it by the difference of the two V, and nothing else
    const { first: { network: v } } = frozen.value;
    const other = { ...frozen, value: oneFold({ ...v, theta: v.theta.map((x) => 0.5 * x) }) };
    const moved = trueAdvantage(other, collected, DISCOUNT);
    const otherValue = predictValue(other.value.first.network, normalizeInto(frozen.normalizer, batch.observation));
    const gaps = moved.map((a, i) => a + otherValue[i] - advantage[i] - value[i]);
    assertLess(Math.max(...gaps.map(Math.abs)), 1e-4);
  });

  Deno.test(`${name}: a perfect model's Ã_k is the real k-step advantage, and beyond an end that of the continuation`, async () => {
    const frozen = await frozenAt(name);
    const collected = collectStationary(frozen, { environments: 2, steps: 70 }, TAIL, key), { batch } = collected;
    const values = batchValues(
      batch,
      normalizeInto(frozen.normalizer, batch.observation),
      frozen.value.first.network,
      frozen.normalizer,
    );
    for (const horizon of [1, 3, 8]) {
      const kStep = perfectAdvantage(
        frozen,
        collected,
        { discount: DISCOUNT, lambda: 0.8, weighting: "kStep" },
        horizon,
      );
      const real = kStepAdvantage(batch, values, { discount: DISCOUNT, horizon });
      let inside = 0;
      for (let row = 0; row < batchSize(batch); row++) {
        let end = row; // the last of the k rows, if the episode or the batch does not end before
        for (let i = 1; i < horizon && !batch.terminated[end] && !collected.ends.has(end); i++) end += 2;
        if (collected.ends.has(end) && (end - row) / 2 < horizon - 1) continue;
        assertAlmostEquals(kStep[row], real[row], 1e-4 * (1 + Math.abs(real[row])));
        inside++;
      }
      assert(inside > 60);
    }
    // with k as long as the physics goes on, λ-weighted: V at the ends plays no part, so Ã is A of λ = 1 for λ = 1
    const whole = perfectAdvantage(
      frozen,
      collected,
      { discount: DISCOUNT, lambda: 1, weighting: "lambdaWeighted" },
      400,
    );
    trueAdvantage(frozen, collected, DISCOUNT).forEach((a, i) =>
      assertAlmostEquals(whole[i], a, 2e-4 * (1 + Math.abs(a)))
    );
    // inside an episode that ends in a terminal state, GAE
    const gae = generalisedAdvantage(batch, values, { discount: DISCOUNT, lambda: 0.8 });
    const long = perfectAdvantage(
      frozen,
      collected,
      { discount: DISCOUNT, lambda: 0.8, weighting: "lambdaWeighted" },
      400,
    );
    for (let row = 0; row < batchSize(batch); row++) {
      let end = row;
      while (!batch.terminated[end] && !collected.ends.has(end)) end += 2;
      if (batch.terminated[end]) assertAlmostEquals(long[row], gae[row], 1e-4 * (1 + Math.abs(gae[row])));
    }
  });
}

Deno.test("where V is cross-fitted, a perfect model's Ã_k is by the V of each row's half", async () => {
  const frozen = await frozenAt("hopper"),
    collected = collectStationary(frozen, { environments: 2, steps: 30 }, 4, key);
  const { first } = frozen.value, second = { network: { ...first.network, theta: first.network.theta.map((x) => -x) } };
  const of = (value: typeof frozen.value) =>
    perfectAdvantage({ ...frozen, value }, collected, { discount: DISCOUNT, lambda: 1, weighting: "kStep" }, 4);
  const [both, one, other] = [of({ first, second }), of({ first }), of({ first: second })];
  both.forEach((x, row) => assertEquals(x, row % 2 === 0 ? one[row] : other[row])); // two environments, one a half
  assert(one.some((x, row) => x !== other[row]));
});

Deno.test("states are stationary: without termination the age of an episode is uniform, and no two are alike", async () => {
  const frozen = await frozenAt("reacher"); // 50 steps an episode
  const ages = Array.from({ length: 400 }, (_, i) => stationaryState(frozen, 0, fold(key, i)).elapsed);
  const mean = ages.reduce((a, b) => a + b, 0) / ages.length;
  // uniform on 0 … 49: mean 24.5, standard deviation 14.4, of the mean .72
  assert(Math.abs(mean - 24.5) < 4 * 0.72, `mean age ${mean}`);
  assert(new Set(ages).size > 45);
});

Deno.test("states are stationary: joint velocities are those of a long run, not those of a beginning", async () => {
  const frozen = await frozenAt("reacher"), { task, policy, normalizer } = frozen; // 50 steps an episode
  const spread = (x: ReadonlyArray<number>) => {
    const mean = x.reduce((a, b) => a + b, 0) / x.length;
    return { mean, error: Math.sqrt(x.reduce((a, b) => a + (b - mean) ** 2, 0) / (x.length - 1) / x.length) };
  };
  const drawn = spread(
    Array.from({ length: 400 }, (_, i) => Math.abs(stationaryState(frozen, 0, fold(key, i)).state[4 + 1])),
  );
  const start = environmentState(task, makeEnvs(task, 1), 0); // whole episodes, so that every age counts as often
  const { observation } = runEnvironment(task, policy, normalizer, start, 200 * 50, fold(key, "long"));
  const speeds = Array.from({ length: 200 * 50 }, (_, t) => Math.abs(observation[10 * t + 7])); // its episodes are the units
  const long = spread(
    Array.from({ length: 200 }, (_, e) => speeds.slice(50 * e, 50 * e + 50).reduce((a, b) => a + b, 0) / 50),
  );
  assertLess(Math.abs(drawn.mean - long.mean), 4 * Math.hypot(drawn.error, long.error));
  assert(long.mean > 20 * 0.0025); // ± .005 rad/s at a reset: .0025 in the mean
});
