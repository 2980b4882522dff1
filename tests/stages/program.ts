/**
 * A tiny program: every stage of one task in order, with the slots that each of them meets.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { fold, type Key, makeKey } from "../../src/math/random.ts";
import type { SettingInvalid } from "../../src/nn/kernels/environment.ts";
import { inlineSampler } from "../../src/rollout/inline.ts";
import type { Sampler } from "../../src/rollout/sampler.ts";
import { initialState } from "../../src/stages/initial_state.ts";
import { stages } from "../../src/stages/registry.ts";
import type { AnyStage, Slots } from "../../src/stages/stage.ts";
import type { StageError } from "../../src/stages/errors.ts";
import { type TensorRuntime, tensorRuntime } from "../../src/stages/tensor_runtime.ts";
import { tasks } from "../../src/tasks/registry.ts";

const root = makeKey(3);

/** Options small enough for a test. */
export const tiny: ReadonlyArray<readonly [string, Readonly<Record<string, unknown>>]> = [
  ["collect", { steps: 200, environments: 2 }],
  ["store", { capacity: 400 }],
  ["fitModel", { updates: 3, batchSize: 32, horizon: 2 }],
  ["fitValue", { epochs: 1, batches: 2 }],
  ["fitCritic", { updates: 2, batchSize: 32 }],
  ["estimateGradient", { horizon: 2 }],
  ["trpoUpdate", {}],
  ["pretrainModel", { steps: 100, environments: 2, updates: 3, batchSize: 32 }], // last: it finds the model fitted
];

/** Where stages run in these tests. */
export const services: Layer.Layer<Sampler | TensorRuntime, SettingInvalid> = Layer.mergeAll(
  inlineSampler,
  tensorRuntime,
);

/** (effect of a stage) ⇒ what it writes. */
export const runStage = <A, E>(effect: Effect.Effect<A, E, Sampler | TensorRuntime>): Promise<A> =>
  Effect.runPromise(Effect.provide(effect, services));

/** (effect of a stage) ⇒ the error that it fails with. */
export const failureOf = (stage: AnyStage, slots: Partial<Slots>, key: Key): Promise<StageError> =>
  runStage(Effect.flip(stage.run(slots, key)));

/** One stage about to run. */
export interface Meeting {
  readonly stage: AnyStage;
  readonly slots: Slots;
  readonly key: Key;
}

const cache = new Map<string, ReadonlyArray<Meeting>>();

/** (task, iterations) ⇒ each stage of the last iteration with the slots that it meets; cached, so leave them alone. */
export const meetings = async (name: string, iterations = 2): Promise<ReadonlyArray<Meeting>> => {
  const known = cache.get(`${name} ${iterations}`);
  if (known !== undefined) return known;
  const task = tasks[name], net = { hidden: [8, 8] };
  const networks = {
    policy: { ...net, logStd: -0.5 },
    value: net,
    model: { ...net, activation: "tanh" as const, reward: "known" as const },
  };
  let slots: Slots = initialState(task, networks, root) as Slots;
  let found: Meeting[] = [];
  for (let i = 0; i < iterations; i++) {
    found = [];
    for (const [stageName, options] of tiny) {
      const stage = stages[stageName](task, options), key = fold(fold(root, i), stageName);
      found.push({ stage, slots, key });
      const { metrics: _, ...written } = await runStage(stage.run(slots, key));
      slots = { ...slots, ...written };
    }
  }
  cache.set(`${name} ${iterations}`, found);
  return found;
};

/** (task, stage) ⇒ what it meets in the second iteration. */
export const meetingOf = async (task: string, stage: string): Promise<Meeting> =>
  (await meetings(task)).find((meeting) => meeting.stage.name === stage)!;
