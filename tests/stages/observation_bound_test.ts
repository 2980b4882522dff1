import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { fold, makeKey } from "../../src/math/random.ts";
import { initialState } from "../../src/stages/initial_state.ts";
import { stages } from "../../src/stages/registry.ts";
import type { Slots } from "../../src/stages/stage.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { boundObservation, type Task } from "../../src/tasks/task.ts";
import { runStage } from "./program.ts";

const key = makeKey(12), net = { hidden: [8, 8] };
const networks = {
  policy: { ...net, logStd: -0.5 },
  value: net,
  model: { ...net, activation: "tanh" as const, reward: "known" as const },
};

/** The task as Gymnasium has it: what is recorded is clipped already. */
const asGymnasium = ({ observationBound, ...task }: Task): Task => ({
  ...task,
  observe: (data, out) => {
    task.observe(data, out);
    out.set(boundObservation({ observationBound: observationBound! }, out));
  },
});

/** (task, estimator) ⇒ slots after two iterations without a model. */
const trained = async (task: Task, estimator: string): Promise<Slots> => {
  const program = [
    ["collect", { steps: 300, environments: 2 }],
    ["store", { capacity: 600 }],
    ["fitValue", { epochs: 2, batches: 2, method: "vtrace" }],
    ["fitCritic", { updates: 3, batchSize: 32 }],
    ["estimateGradient", { estimator }],
    ["trpoUpdate", {}],
  ] as const;
  let slots = initialState(task, networks, key) as Slots;
  for (let i = 0; i < 2; i++) {
    for (const [name, options] of program) {
      const { metrics: _, ...written } = await runStage(
        stages[name](task, options).run(slots, fold(fold(key, i), name)),
      );
      slots = { ...slots, ...written };
    }
  }
  return slots;
};

for (const estimator of ["likelihoodRatio", "qprop"]) {
  Deno.test(`walker2d, ${estimator}: training without a model has the bits that it has on clipped observations`, async () => {
    const task = tasks.walker2d;
    const [own, clipped] = [await trained(task, estimator), await trained(asGymnasium(task), estimator)];
    const { bound, ...normalizer } = own.normalizer;
    assertEquals([...bound!], task.observationBound);
    assertEquals(normalizer, clipped.normalizer);
    for (const slot of ["policy", "value", "critic", "envs"] as const) assertEquals(own[slot], clipped[slot], slot);
    assertEquals(own.gradient.gradient, clipped.gradient.gradient);
    assertEquals(own.batch.action, clipped.batch.action);
    assertNotEquals(own.batch.observation, clipped.batch.observation); // the model's data are not clipped
    const { observation, observationSize } = own.batch, seen: number[] = [];
    for (let i = 0; i < observation.length; i += observationSize) {
      seen.push(...boundObservation(task, observation.subarray(i, i + observationSize)));
    }
    assertEquals(Float32Array.from(seen), clipped.batch.observation);
    assert(own.memory.batches.every((batch) => batch.observation.some((x) => Math.abs(x) > 10)));
  });
}
