import { assert, assertEquals } from "@std/assert";
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import { makeKey } from "../../src/math/random.ts";
import { MisshapenSlot, StageDefect } from "../../src/program/errors.ts";
import { iterate } from "../../src/program/iterate.ts";
import type { ProgramStage } from "../../src/program/program.ts";
import { defineStage } from "../../src/stages/stage.ts";
import { fakeBatch, fakeState, fakeTask } from "./fakes.ts";

const moments = { first: new Float32Array(4), step: 3, kind: "adam", list: [1, 2] };
const state = { ...fakeState(makeKey(2)), moments };
const { policy, value, model, critic, normalizer, envs, control } = state;

/** (slot, what a stage writes to it) ⇒ what it fails with, or null. */
const said = async (slot: string, written: unknown) => {
  const stage: ProgramStage<never, never> = {
    name: "mine",
    reads: [],
    writes: [slot],
    run: () => Effect.succeed({ [slot]: written, metrics: {} }),
  };
  const exit = Effect.match(iterate({ stages: [stage] }, state, makeKey(1), 1), {
    onSuccess: () => null,
    onFailure: ({ error }) => error,
  });
  return await Effect.runPromise(exit);
};

const without = (record: object, name: string) =>
  Object.fromEntries(Object.entries(record).filter(([each]) => each !== name));
const batch = fakeBatch(makeKey(3), 4, 2); // 8 transitions of 3 observed numbers and 1 control

// parameters of the fake policy 3 → 4 → 1: (3 + 1)·4 + (4 + 1)·1 weights and biases, and 1 deviation, 22 in all; of its
// value 3 → 5 → 1: (3 + 1)·5 + (5 + 1)·1 = 26
const refused: ReadonlyArray<readonly [slot: string, written: unknown, message: string]> = [
  [
    "policy",
    { ...policy, theta: policy.theta.slice(1) },
    "policy.theta must be a Float32Array of 22: current value is a Float32Array of 21",
  ],
  [
    "policy",
    { ...policy, theta: Float64Array.from(policy.theta) },
    "policy.theta must be a Float32Array of 22: current value is a Float64Array of 22",
  ],
  ["policy", { theta: policy.theta }, "policy.shape must be a record: current value is missing"],
  [
    "policy",
    { ...policy, shape: { ...policy.shape, sizes: [3, 5, 1] } },
    "policy.shape.sizes must be [3,4,1]: current value is [3,5,1]",
  ],
  ["policy", { ...policy, more: 1 }, "policy.more must be absent, as before: current value is 1"],
  [
    "value",
    { first: { network: { ...value.first.network, target: new Float32Array(25) } } },
    "value.first.network.target must be a Float32Array of 26: current value is a Float32Array of 25",
  ],
  [
    "value",
    { ...value, second: { network: { ...value.first.network, theta: new Float32Array(1) }, seen: 7 } },
    "value.second.network.theta must be a Float32Array of 26: current value is a Float32Array of 1",
  ],
  [
    "model",
    { first: { network: { members: [] } } },
    "model.first.network.members must be a list of 1: current value is []",
  ],
  ["critic", without(critic, "first"), "critic.first must be a record: current value is missing"],
  [
    "normalizer",
    { ...normalizer, scale: Float32Array.of(1, 2) },
    "normalizer.scale must be a Float32Array of 3: current value is a Float32Array of 2",
  ],
  ["control", { ...control, weight: "1" }, 'control.weight must be a number: current value is "1"'],
  [
    "envs",
    { ...envs, elapsed: Int32Array.of(1) },
    "envs.elapsed must be a Int32Array of 2: current value is a Int32Array of 1",
  ],
  [
    "envs", // 2 numbers a state
    { ...envs, state: new Float64Array(5) },
    "envs.state must be a Float64Array of 4: current value is a Float64Array of 5",
  ],
  [
    "memory",
    { batches: [{ ...batch, reward: new Float32Array(7) }] },
    "memory.batches.0.reward must be a Float32Array of 8: current value is a Float32Array of 7",
  ],
  ["memory", {}, "memory.batches must be []: current value is missing"],
  [
    "batch",
    { ...batch, nextObservation: batch.nextObservation.slice(3) },
    "batch.nextObservation must be a Float32Array of 24: current value is a Float32Array of 21",
  ],
  [
    "gradient",
    { gradient: new Float32Array(22), terms: { g1: new Float32Array(26) } },
    "gradient.terms.g1 must be a Float32Array of 22: current value is a Float32Array of 26",
  ],
  [
    "moments",
    { ...moments, first: new Float32Array(5) },
    "moments.first must be a Float32Array of 4: current value is a Float32Array of 5",
  ],
  ["moments", { ...moments, kind: "sgd" }, 'moments.kind must be "adam": current value is "sgd"'],
  ["moments", { ...moments, list: [1, 3] }, "moments.list must be [1,2]: current value is [1,3]"],
];

for (const [slot, written, message] of refused) {
  Deno.test(`a stage cannot write another form than that of its slot: ${message.split(":")[0]}`, async () => {
    const error = await said(slot, written);
    assert(error instanceof MisshapenSlot, String(error));
    assertEquals([error.stage, error.quantity], ["mine", message.split(" ")[0]]);
    assertEquals(error.message, `Cannot accept what "mine" wrote as ${message}`);
  });
}

Deno.test("what changes while a run trains may change: numbers, folds, environments, batches", async () => {
  const { network } = value.first;
  const accepted: ReadonlyArray<readonly [slot: string, written: unknown]> = [
    ["policy", { ...policy, theta: policy.theta.map((x) => x + 1) }],
    ["value", { first: { network, seen: 1 }, second: { network } }],
    ["model", { ...model, first: { ...model.first, seen: 5 } }],
    ["control", { ...control, horizon: 0 }],
    ["normalizer", { ...normalizer, count: 9 }],
    ["memory", { batches: [batch, { ...fakeBatch(makeKey(4), 2, 3), elapsed: Int32Array.of(0, 1, 2) }] }],
    ["batch", batch],
    ["moments", { ...moments, step: 4 }],
    ["envs", {
      count: 3,
      state: new Float64Array(6),
      elapsed: new Int32Array(3),
      episodeReturn: new Float64Array(3),
      resets: new Int32Array(3),
    }],
  ];
  for (const [slot, written] of accepted) assertEquals(await said(slot, written), null, slot);
});

const reporting = (metrics: Readonly<Record<string, string>>) =>
  defineStage({
    name: "mine",
    summary: "reports a number",
    options: Schema.Struct({}),
    metrics,
    make: () => ({
      name: "mine",
      reads: [],
      writes: [],
      run: () => Effect.succeed({ metrics: { norm: 1, other: 2 } }),
    }),
  })(fakeTask);

Deno.test("a metric that the stage's definition does not declare is refused", async () => {
  const run = (stage: ReturnType<typeof reporting>) => iterate({ stages: [stage] }, state, makeKey(1), 1);
  const result = await Effect.runPromise(run(reporting({ norm: "of the step", other: "of nothing" })));
  assertEquals(result.metrics, { "mine.norm": 1, "mine.other": 2 });
  const { error } = await Effect.runPromise(Effect.flip(run(reporting({ norm: "of the step" }))));
  assert(error instanceof StageDefect);
  assertEquals(
    error.message,
    'Cannot finish stage "mine" as it must declare each of its metrics: "other" is not among norm',
  );
});
