/**
 * Who does the laboratory's jobs decides no bit.
 *
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import * as Effect from "effect/Effect";
import { makeWorkerPool } from "../../src/laboratory/worker_pool.ts";
import { estimators } from "../../src/estimators/registry.ts";
import type { Frozen } from "../../src/laboratory/frozen.ts";
import type { JobOutputs } from "../../src/laboratory/jobs.ts";
import { makeKey } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { initialState } from "../../src/stages/initial_state.ts";
import { type Task, withModules } from "../../src/tasks/task.ts";
import { unbiasedOptions } from "../estimators/world.ts";
import { breaksInReward } from "../rollout/faulty_tasks.ts";
import { pendulum } from "../tasks/pendulum.ts";
import { frozenAt } from "./frozen.ts";
import { formsOf } from "./specs.ts";

await startBackend({ kernels: "off" }); // not what a worker would choose by itself

const plan = {
  counts: { states: 3, actions: 2, continuations: 2 },
  first: 0,
  tail: 10,
  ...formsOf({ ...unbiasedOptions, discount: 0.9 }),
  horizons: [1, 4],
  learnedHorizons: [1, 4],
};

const branches = (frozen: Frozen, workers: number): Promise<ReadonlyArray<JobOutputs["branches"]>> =>
  Effect.runPromise(Effect.scoped(Effect.gen(function* () {
    const pool = yield* makeWorkerPool(frozen, { workers, estimators, modules: [] });
    return yield* pool.run("branches", [{ plan, key: makeKey(8) }, { plan, key: makeKey(9) }], () => {});
  })));

/** (frozen, workers) ⇒ why its branches cannot be measured. */
const failures = async (frozen: Frozen, workers = 1): Promise<string> => {
  const run = Effect.gen(function* () {
    const pool = yield* makeWorkerPool(frozen, { workers, estimators, modules: [] });
    return yield* pool.run("branches", [{ plan, key: makeKey(8) }], () => {});
  });
  return (await Effect.runPromise(Effect.flip(Effect.scoped(run)))).message;
};

Deno.test("workers run the kernels that this thread was told to run, not those that they would choose", async () => {
  const frozen = await frozenAt("reacher");
  assertEquals(await branches(frozen, 1), await branches(frozen, 0));
});

/** (own task) ⇒ it with fresh networks. */
const frozenOwn = (task: Task): Frozen => {
  const net = { hidden: [8] }, model = { ...net, activation: "tanh", reward: "known" } as const;
  return { ...initialState(task, { policy: { ...net, logStd: 0 }, value: net, model }, makeKey(7)), task };
};

Deno.test("workers import an own task, and measure what this thread does", async () => {
  const own = withModules(pendulum, [new URL("../tasks/pendulum.ts", import.meta.url).href]), frozen = frozenOwn(own);
  const [here, there] = [await branches(frozen, 0), await branches(frozen, 1)];
  assertEquals(there, here);
  assertEquals(here[0].learned.map((each) => each.every(Number.isFinite)), [true, true]);
  const kept = await failures(frozenOwn(pendulum));
  assertStringIncludes(kept, 'Cannot send task "pendulum" to a worker as a module must export it');
  const nowhere = withModules(pendulum, [new URL("./nowhere.ts", import.meta.url).href]);
  assertStringIncludes(await failures(frozenOwn(nowhere)), "nowhere.ts");
});

Deno.test("an own task that breaks is named, here and in workers", async () => {
  const broken = withModules(breaksInReward, [new URL("../rollout/faulty_tasks.ts", import.meta.url).href]);
  const [there, here] = [await failures(frozenOwn(broken)), await failures(frozenOwn(broken), 0)];
  assertEquals(there, here);
  assertStringIncludes(here, 'Cannot simulate breaks-in-reward in step 4 of environment 0 as "reward" must not throw');
});
