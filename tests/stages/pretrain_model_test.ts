import { networksOf } from "../../src/data/folds.ts";
import { assert, assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { makeKey } from "../../src/math/random.ts";
import { mean } from "../../src/math/statistics.ts";
import { initialState } from "../../src/stages/initial_state.ts";
import { pretrainModel } from "../../src/stages/pretrain_model.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { pendulum } from "../tasks/pendulum.ts";
import { runStage } from "./program.ts";

const key = makeKey(31), net = { hidden: [16] };
const model = { ...net, activation: "relu" as const, reward: "known" as const };
const start = initialState(tasks.swimmer, { policy: { ...net, logStd: -1 }, value: net, model }, key);

Deno.test("before the first iteration it fills the memory and fits the model, then it never runs again", async () => {
  const options = { steps: 600, environments: 3, updates: 300, heldOut: 0, rewardWeight: 1 };
  const stage = pretrainModel(tasks.swimmer, options);
  const before = structuredClone(start), written = await runStage(stage.run(start, key));
  assertEquals(start, before);
  assertEquals(await runStage(stage.run(start, key)), written);
  const { memory, model, metrics } = written;
  assertEquals([memory.batches.length, metrics.steps, networksOf(model.first.network, "").members[0].adam.step], [
    1,
    600,
    300,
  ]);
  assertLess(metrics.error as number, 0.5); // 1 is the error of predicting the mean
  const again = await runStage(stage.run({ ...start, memory, model }, key));
  assert(again.memory === memory && again.model === model);
  assertEquals(again.metrics, { steps: 0 });
});

Deno.test("the initial policy acts with its own σ, random actions are standard normal whatever the state", async () => {
  const actionsOf = async (actions: "policy" | "random") => {
    const stage = pretrainModel(tasks.swimmer, { steps: 3000, environments: 2, updates: 1, actions });
    return (await runStage(stage.run(start, key))).memory.batches[0];
  };
  const random = await actionsOf("random"), own = await actionsOf("policy");
  assertEquals(random.action, random.noise);
  const deviation = (x: Float32Array) => Math.sqrt(mean(x.map((a) => a * a)));
  assertAlmostEquals(deviation(random.action), 1, 0.05); // 6000 numbers: deviation .009
  assertAlmostEquals(deviation(own.action), Math.exp(-1), 0.05); // μ starts near 0
});

Deno.test("both span the control's range: over ±2, σ is twice what it is over ±1", async () => {
  const state = initialState(pendulum, { policy: { ...net, logStd: -1 }, value: net, model }, key);
  assertAlmostEquals(Math.exp(state.policy.theta.at(-1)!), 2 * Math.exp(-1), 1e-6);
  const stage = pretrainModel(pendulum, { steps: 3000, environments: 2, updates: 1, actions: "random" });
  const { action, noise } = (await runStage(stage.run(state, key))).memory.batches[0];
  action.forEach((a, i) => assertAlmostEquals(a, 2 * noise[i], 1e-6));
});
