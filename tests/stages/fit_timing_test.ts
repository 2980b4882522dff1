/**
 * What networks see of the batch that they correct, and what it does to the gradient: on the linear-quadratic problem,
 * whose gradient is known, with a value function that overfits.
 *
 * @module
 */
import type { ModelParams, ValueParams } from "../../src/data/parameters.ts";
import { type Ensemble, type Fold, foldOf, type Folds, oneFold } from "../../src/data/folds.ts";
import { assertEquals, assertGreater, assertNotEquals } from "@std/assert";
import { type Batch, fingerprint } from "../../src/data/batch.ts";
import { type Half, halfOf, takeHalf } from "../../src/data/halves.ts";
import { signalOf } from "../../src/estimators/estimate.ts";
import { estimators } from "../../src/estimators/registry.ts";
import { fold, type Key, makeKey } from "../../src/math/random.ts";
import { makeNormalizer } from "../../src/nn/networks/normalizer.ts";
import { makeValue } from "../../src/nn/networks/value.ts";
import { fitCritic } from "../../src/stages/fit_critic.ts";
import { fitModel } from "../../src/stages/fit_model.ts";
import type { FitTiming } from "../../src/stages/fit_timing.ts";
import { fitValue } from "../../src/stages/fit_value.ts";
import type { Task } from "../../src/tasks/task.ts";
import { analyticGradient, linearPolicy, lqr, simulate } from "../estimators/lqr.ts";
import { assertWithin, furthest, sampleMean } from "../estimators/sample_mean.ts";
import { estimateWith, folded, randomWorld, unbiasedOptions, wrongTask } from "../estimators/world.ts";
import { runStage } from "./program.ts";

const root = makeKey(21), theta = [-0.4, -0.6, 0.1, -0.5], policy = linearPolicy(theta);

/** Random networks. */
const { policy: _, batch: __, ...world } = folded({
  ...randomWorld(root),
  policy,
  batch: simulate(lqr, policy, 2, root),
});
const normalizer = makeNormalizer(2);
const task = { imagined: wrongTask, observationSize: 2, actionSize: 1 } as unknown as Task;

/** The three stages, quick and with the option `fit`. */
const stagesOf = (fit: FitTiming) => ({
  value: fitValue(task, { fit, method: "onPolicy", epochs: 2, batchSize: 16 }),
  model: fitModel(task, { fit, updates: 3, batchSize: 16, averaging: 0, heldOut: 0 }),
  critic: fitCritic(task, { fit, updates: 3, batchSize: 16 }),
});

type ThetaOrMembers = ValueParams | Ensemble<ModelParams>;

/** θ of a fold's network; of an ensemble, that of its one member. */
const thetaOf = ({ network }: Fold<ThetaOrMembers>) => "members" in network ? network.members[0].theta : network.theta;

type Network = keyof ReturnType<typeof stagesOf>;
const networks: ReadonlyArray<Network> = ["value", "model", "critic"];

/** One fit of one network on the batches, from the networks given. */
const fitted = async (network: Network, fit: FitTiming, batches: ReadonlyArray<Batch>, from: typeof world = world) => {
  const slots = { ...from, policy, normalizer, memory: { batches } };
  // deno-lint-ignore no-explicit-any
  const written: any = await runStage(stagesOf(fit)[network].run(slots, root) as any);
  return { params: written[network] as Folds<ThetaOrMembers>, metrics: written.metrics };
};

/** The batch with the rewards of one half replaced. */
const disturbed = (batch: Batch, half: Half): Batch => {
  const which = halfOf(batch);
  const next = batch.nextObservation.map((x, i) => (which(Math.floor(i / 2)) === half ? Math.sin(7 * i) : x));
  return {
    ...batch,
    nextObservation: next,
    reward: batch.reward.map((r, i) => (which(i) === half ? Math.sin(7 * i) : r)),
  };
};

const older = simulate(lqr, policy, 10, fold(root, "older")), newest = simulate(lqr, policy, 10, fold(root, "newest"));

Deno.test("halves part a batch: environments in turn, steps where there is but one", () => {
  const [even, odd] = [takeHalf(newest, 0), takeHalf(newest, 1)];
  assertEquals([even.steps, even.environments, odd.environments], [4, 5, 5]);
  assertEquals(even.reward[6], newest.reward[1 * 10 + 2]); // step 1, environment 2 of 10 is environment 1 of 5
  assertEquals([...odd.observation.subarray(4, 6)], [...newest.observation.subarray(10, 12)]); // environment 5
  const one = simulate(lqr, policy, 1, root), [early, late] = [takeHalf(one, 0), takeHalf(one, 1)];
  assertEquals([[...early.reward], [...late.reward]], [[...one.reward.subarray(0, 2)], [...one.reward.subarray(2)]]);
});

for (const network of networks) {
  Deno.test(`${network}: before sees the batch, after does not, and each cross-fitted network only the other half`, async () => {
    const fit = (timing: FitTiming, batch: Batch) => fitted(network, timing, [older, batch]);
    const [before, after, cross] = await Promise.all(
      (["before", "after", "crossfit"] as const).map((t) => fit(t, newest)),
    );
    assertEquals([before, after, cross].map(({ metrics }) => metrics.samples), [80, 40, 60]);
    assertEquals([before.params.first.seen, after.params.first.seen], [fingerprint(newest), fingerprint(older)]);
    const { first, second } = cross.params;
    assertEquals([first.seen, second!.seen], [1, 0].map((half) => fingerprint(takeHalf(newest, half as Half))));
    for (const half of [0, 1] as const) {
      const other = disturbed(newest, half), found = (await fit("crossfit", other)).params;
      assertNotEquals(thetaOf((await fit("before", other)).params.first), thetaOf(before.params.first));
      assertEquals(thetaOf((await fit("after", other)).params.first), thetaOf(after.params.first));
      // the network that corrects this half stays, bit for bit; the one that has seen it moves
      const opposite = half === 0 ? 1 : 0;
      assertEquals(thetaOf(foldOf(found, half)), thetaOf(foldOf(cross.params, half)));
      assertNotEquals(thetaOf(foldOf(found, opposite)), thetaOf(foldOf(cross.params, opposite)));
    }
  });

  Deno.test(`${network}: cross-fitted networks go on apart; a first iteration has nothing to fit after`, async () => {
    const nothing = await fitted(network, "after", [newest]);
    assertEquals([nothing.params, nothing.metrics], [world[network] as Folds<ThetaOrMembers>, { samples: 0 }]);
    const { first, second } = (await fitted(network, "crossfit", [older])).params;
    const from = (folds: object) => ({ ...world, [network]: folds }) as typeof world;
    const next = async (folds: object) => {
      const { params } = await fitted(network, "crossfit", [older, newest], from(folds));
      return { first: thetaOf(params.first), second: thetaOf(params.second!) };
    };
    const own = await next({ first, second });
    const others = [
      { same: "first", moved: "second", folds: { first, second: first } },
      { same: "second", moved: "first", folds: { first: second, second } },
    ] as const;
    for (const { same, moved, folds } of others) { // each goes on from its own predecessor, whatever the other one's is
      const found = await next(folds);
      assertEquals(found[same], own[same]);
      assertNotEquals(found[moved], own[moved]);
    }
    assertEquals((await fitted(network, "before", [older, newest], from({ first, second }))).params.second, undefined);
  });
}

/** V fitted to the Monte-Carlo returns of the batch until it knows them almost by heart. */
const overfit = async (fit: FitTiming, memory: ReadonlyArray<Batch>, key: Key) => {
  const options = {
    method: "onPolicy",
    discount: 1,
    lambda: 1,
    epochs: 150,
    batchSize: 64,
    learningRate: 0.02,
    targetNormalization: "none",
  } as const;
  const value = oneFold(makeValue({ observationSize: 2, hidden: [64, 64] }, fold(root, "value")));
  const stage = fitValue(task, { fit, ...options });
  return (await runStage(stage.run({ memory: { batches: memory }, policy, normalizer, value }, key))).value;
};

Deno.test("a value function that has learnt the batch by heart biases the gradient; unseen or cross-fitted, it does not", async () => {
  const expected = analyticGradient(lqr, theta).map((g) => g / lqr.steps);
  for (const timing of ["before", "after", "crossfit"] as const) {
    for (const name of ["likelihoodRatio", "mscv"] as const) {
      const draws: Float32Array[] = [];
      for (let i = 0; i < 40; i++) {
        const key = fold(fold(root, "draw"), i);
        const [past, batch] = ["past", "batch"].map((label) => simulate(lqr, policy, 12, fold(key, label)));
        const value = await overfit(timing, [past, batch], key);
        const options = { ...unbiasedOptions, coefficient: "optimal" as const };
        const { estimate } = estimateWith(estimators[name], { ...world, value, policy, batch }, options, key);
        assertEquals(estimate.unbiased, timing !== "before");
        draws.push(estimate.gradient);
      }
      const found = sampleMean(draws.length, (i) => draws[i]);
      if (timing === "before") assertGreater(furthest(found, expected), 6, name);
      else assertWithin(found, expected, `${name}, ${timing}`);
    }
  }
});

Deno.test("cross-fitted: nothing that one environment does moves the signal of another one of its half, fits included", async () => {
  const options = { ...unbiasedOptions, coefficient: "optimal" as const, horizon: "dynamic" as const };
  const signal = async (batch: Batch) => {
    const fit = async (network: Network) => (await fitted(network, "crossfit", [older, batch])).params;
    const slots = {
      ...world,
      value: await fit("value") as typeof world.value,
      model: await fit("model") as typeof world.model,
    };
    return signalOf(estimators.mscv.estimate({ ...slots, policy, batch }, options, root).estimate);
  };
  const n = newest.environments, reward = newest.reward.map((r, i) => (i % n === 0 ? Math.sin(7 * i) : r));
  const before = await signal(newest), after = await signal({ ...newest, reward });
  const of = (x: Float32Array, environment: number) => Array.from(x).filter((_, i) => i % n === environment);
  for (const same of [2, 4, 6, 8]) assertEquals(of(after, same), of(before, same));
  for (const moved of [0, 1, 3, 5, 7, 9]) assertNotEquals(of(after, moved), of(before, moved));
});
