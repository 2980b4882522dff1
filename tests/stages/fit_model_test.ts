import { ensembleOf, networksOf } from "../../src/data/folds.ts";
import { skipCount } from "../../src/data/parameters.ts";
import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess, assertNotEquals } from "@std/assert";
import { firstSteps } from "../../src/laboratory/sub_batch.ts";
import { fitModel } from "../../src/stages/fit_model.ts";
import { initialState } from "../../src/stages/initial_state.ts";
import { type ModelTraining, piecesOf, STRETCH, trainByPlan } from "../../src/stages/model_training.ts";
import type { Slots } from "../../src/stages/stage.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { meetings, runStage } from "./program.ts";

const key = makeKey(12);

const plan = (training: Partial<ModelTraining>) =>
  piecesOf({ updates: 10, horizon: 1, curriculum: "constant", heldOut: 0, ...training } as ModelTraining)
    .map(({ first, updates, horizon }) => [first, updates, horizon]);

Deno.test("updates come in one piece, in one a horizon, or in stretches between checks", () => {
  assertEquals(plan({ horizon: 3 }), [[0, 10, 3]]);
  assertEquals(plan({ horizon: 3, curriculum: "growing" }), [[0, 3, 1], [3, 3, 2], [6, 4, 3]]);
  const checked = plan({ updates: 10 * STRETCH, horizon: 4, curriculum: "growing", heldOut: 0.1 });
  assertEquals(checked.map(([, updates]) => updates), Array(10).fill(STRETCH));
  assertEquals(checked.map(([, , horizon]) => horizon), [1, 1, 1, 2, 2, 3, 3, 3, 4, 4]); // 1 + ⌊.4·i⌋
  assertEquals(plan({ updates: STRETCH + 1, heldOut: 0.1 }).length, 2); // none longer than a stretch
  assertEquals(plan({ updates: 2, horizon: 3, curriculum: "growing" }), [[0, 1, 1], [1, 1, 2]]); // no empty piece
});

const membersOf = ({ model }: Pick<Slots, "model">) => networksOf(model.first.network, "").members;

/** The slots that `fitModel` meets on Swimmer, with a model that counts as fitted `step` times. */
const met = async (step = 1): Promise<{ readonly slots: Slots }> => {
  const { slots } = (await meetings("swimmer")).find(({ stage }) => stage.name === "fitModel")!;
  const [member] = membersOf(slots), network = ensembleOf({ ...member, adam: { ...member.adam, step } });
  return { slots: { ...slots, model: { ...slots.model, first: { ...slots.model.first, network } } } };
};

Deno.test("the model of least held-out error is kept: with a step that ruins it, the one before any update", async () => {
  const { slots } = await met();
  const ruin = { updates: 200, batchSize: 16, learningRate: 3, averaging: 0, heldOut: 0.2 };
  const kept = await runStage(fitModel(tasks.swimmer, ruin).run(slots, key));
  assertEquals(kept.metrics.updates, 0);
  const { slots: fresh } = await met(0); // a first fit has none to keep
  assertGreater((await runStage(fitModel(tasks.swimmer, ruin).run(fresh, key))).metrics.updates as number, 0);
  const gentle = { updates: 200, batchSize: 64, heldOut: 0.2 };
  const trained = await runStage(fitModel(tasks.swimmer, gentle).run(slots, key));
  assertGreater(trained.metrics.updates as number, 0);
  assertLess(trained.metrics.error as number, kept.metrics.error as number);
});

/** Training that ruins a model at once. */
const ruin = {
  updates: 4 * STRETCH,
  batchSize: 16,
  latentWeight: 0,
  learningRate: 3,
  decay: 1,
  averaging: 0,
  rewardWeight: 1,
  recency: 1,
  horizon: 1,
  curriculum: "constant" as const,
  heldOut: 0.2,
  leastGain: 0,
};

Deno.test("a fit ends after `patience` stretches without a gain, and goes on where every stretch gains", async () => {
  const { slots } = await met(), { memory } = slots, [model] = membersOf(slots);
  const made = (training: Partial<ModelTraining>) =>
    trainByPlan(tasks.swimmer.imagined, memory, model, { ...ruin, patience: 1, ...training }, key).losses.length;
  const gentle = { learningRate: 1e-4, batchSize: 64 }; // of a model that is hardly fitted: every stretch improves it
  assertEquals([made(gentle), made({ ...gentle, leastGain: 0.99 })], [4 * STRETCH, STRETCH]);
  assertEquals(made({ ...gentle, leastGain: 0.99, patience: 3 }), 3 * STRETCH);
  assertEquals(made({ heldOut: 0 }), 4 * STRETCH);
});

Deno.test("a gain is one on the stretch before: a fit that recovers goes on, however far it is from its best error", async () => {
  const { slots } = await met(), { memory } = slots, [model] = membersOf(slots);
  // the first stretch ruins the model, the second takes a part of that back; none is as good as the start
  const recovering = { ...ruin, decay: 1e-3, leastGain: 0.1, patience: 2 };
  const { losses, kept } = trainByPlan(tasks.swimmer.imagined, memory, model, recovering, key);
  assertEquals([losses.length, kept], [4 * STRETCH, 0]);
});

Deno.test("batches of a single step hold none out: every update is made, on all of them", async () => {
  const { slots } = await met(), [model] = membersOf(slots);
  const batches = slots.memory.batches.map((batch) => firstSteps(batch, 1));
  const fit = (heldOut: number) =>
    trainByPlan(tasks.swimmer.imagined, { batches }, model, { ...ruin, patience: 1, heldOut }, key);
  assertEquals(fit(0.1), fit(0));
  assertEquals(fit(0.1).losses.length, 4 * STRETCH);
});

Deno.test("every member of an ensemble is fitted, on minibatches of its own", async () => {
  const { slots } = await met(), net = { hidden: [8] };
  const model = { ...net, activation: "relu" as const, reward: "known" as const, members: 3 };
  const fresh = initialState(tasks.swimmer, { policy: { ...net, logStd: 0 }, value: net, model }, fold(key, 1)).model;
  const members = membersOf(
    await runStage(
      fitModel(tasks.swimmer, { updates: 5, heldOut: 0 }).run({ ...slots, model: fresh }, key),
    ),
  );
  assertEquals(members.map((member) => member.adam.step), [5, 5, 5]);
  members.forEach((member, i) => assertNotEquals(member.theta, membersOf({ model: fresh })[i].theta));
  assertNotEquals(members[0].theta, members[1].theta);
});

Deno.test("a linear part is fitted before the first update, beside what the stage trains", async () => {
  const { slots } = await met(), networks = { policy: { hidden: [4], logStd: 0 }, value: { hidden: [4] } };
  const model = { hidden: [8], activation: "relu", reward: "known", linear: true } as const;
  const [linear, alone] = [model, { ...model, linear: false }].map((options) =>
    initialState(tasks.swimmer, { ...networks, model: options }, key).model
  );
  const errorsOf = async (of: Slots["model"], o: object): Promise<readonly [number, Slots["model"]]> => {
    const fitted = await runStage(fitModel(tasks.swimmer, { updates: 1, ...o }).run({ ...slots, model: of }, key));
    return [fitted.metrics.error as number, fitted.model];
  };
  const [[byBoth, fitted], [byNetwork]] = [await errorsOf(linear, {}), await errorsOf(alone, {})];
  assertLess(byBoth, byNetwork / 5);
  const [{ shape, theta, outputScale, outputDeviation }] = membersOf({ model: fitted });
  assertEquals(shape.skip, true);
  assert(theta.subarray(-skipCount(shape)).every((s) => s !== 0));
  assert(outputScale.every((unit, j) => unit < outputDeviation![j]));
  const few = { ...slots, memory: { batches: slots.memory.batches.map((batch) => firstSteps(batch, 20)) } };
  const unfitted = await runStage(fitModel(tasks.swimmer, { updates: 1 }).run({ ...few, model: linear }, key));
  const [{ theta: without }] = membersOf({ model: unfitted.model });
  assert(without.subarray(-skipCount(shape)).every((s) => s === 0)); // however often few steps are drawn
});

Deno.test("a growing horizon trains, and each of its errors is finite", async () => {
  const { slots } = await met();
  const growing = { horizon: 3, curriculum: "growing" as const, averaging: 0.9, heldOut: 0 };
  const options = { updates: 12, batchSize: 32, ...growing };
  const { model, metrics } = await runStage(fitModel(tasks.swimmer, options).run(slots, key));
  assertEquals(membersOf({ model })[0].adam.step - membersOf(slots)[0].adam.step, 12);
  assert(Object.values(metrics).every((x) => Number.isFinite(x)));
});

Deno.test("pieces share one running mean and one θ in training", async () => {
  const { slots } = await met(4), { memory } = slots, [start] = membersOf(slots), task = tasks.swimmer.imagined;
  const base = {
    batchSize: 16,
    latentWeight: 0,
    learningRate: 0.01,
    decay: 1,
    rewardWeight: 1,
    recency: 1,
    patience: 9,
    leastGain: 0,
  };
  const train = (horizon: number, averaging: number, heldOut = 0) => { // horizon pieces of four updates
    const training = { ...base, updates: 4 * horizon, horizon, averaging, heldOut, curriculum: "growing" as const };
    return trainByPlan(task, memory, start, training, key);
  };
  const [one, two, three] = [1, 2, 3].map((horizon) => train(horizon, 0).model.theta), found = train(3, 0.9);
  assertEquals(found.losses, train(3, 0).losses); // the mean has no part in where training goes on
  const before = start.adam.step; // the mean goes on from the fit before: decay min(.9, i/(i + 9)) at its i-th update
  const rates = [4, 8, 12].map((i) => 1 - Math.min(0.9, (before + i) / (before + i + 9)) ** 4); // for four updates each
  found.model.theta.forEach((x, j) => {
    const mean = [one, two, three].reduce((m, theta, i) => m + rates[i] * (theta[j] - m), start.theta[j]);
    assertAlmostEquals(x, mean, 1e-5);
  });
  assertEquals(train(3, 0.9, 0.2).losses, train(3, 0, 0.2).losses); // between checks of a held-out error, too
});

Deno.test("cross-fitted halves of which one alone has been fitted before report finite means", async () => {
  const { slots } = await met(), [member] = membersOf(slots);
  const after = (step: number) => ({ network: ensembleOf({ ...member, adam: { ...member.adam, step } }) });
  const stage = fitModel(tasks.swimmer, { updates: 2, batchSize: 16, fit: "crossfit" });
  const { metrics } = await runStage(stage.run({ ...slots, model: { first: after(1), second: after(0) } }, key));
  assert("heldOutError" in metrics && Object.values(metrics).every((x) => Number.isFinite(x)));
});
