import { networksOf } from "../../src/data/folds.ts";
import { assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import * as Effect from "effect/Effect";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { storeBatch } from "../../src/data/memory.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { type Checkpoint, writeCheckpoint } from "../../src/run/checkpoint.ts";
import { CheckpointCorrupt } from "../../src/run/errors.ts";
import { readCheckpoint } from "../../src/run/read_checkpoint.ts";
import type { TensorData, TensorRecord } from "../../src/files/safetensors.ts";
import type { TrainState } from "../../src/stages/stage.ts";
import { expectedLike, fakeBatch, fakeState } from "../program/fakes.ts";
import { type Json, reseal, resealBatch, type Tensors } from "./resealed.ts";
import { temporaryFolder } from "../temporary.ts";

const key = makeKey(7);
const state: TrainState = {
  ...fakeState(key),
  memory: storeBatch(fakeState(key).memory, { ...fakeBatch(fold(key, 1), 4, 2), elapsed: Int32Array.of(0, 5) }, 100),
};
const checkpoint: Checkpoint = { iteration: 4, steps: 32, seed: 5, pipelineHash: "abc", state };
const expected = expectedLike(fakeState(key), 5);

const write = (of: Checkpoint): string => {
  const folder = temporaryFolder();
  Effect.runSync(writeCheckpoint(folder, of, 3));
  return folder;
};
const original = write(checkpoint);
const written = (): string => {
  const folder = temporaryFolder(); // a copy, as hundreds of flushed files take long
  cpSync(original, folder, { recursive: true });
  return folder;
};
const read = (folder: string) => Effect.runSync(readCheckpoint(folder, 4, expected));
const refusal = (folder: string): string => {
  const error = Effect.runSync(Effect.flip(readCheckpoint(folder, 4, expected)));
  assertInstanceOf(error, CheckpointCorrupt);
  const begin = `Cannot read checkpoint ${join(folder, "000004")} as `;
  assertStringIncludes(error.message, begin);
  assertEquals(error.message.includes("\n"), false);
  return error.message.slice(begin.length);
};

/** θ of the first layer, [3, 4]. */
const weight = "policy.layer0.weight";
const put = (tensors: Tensors, name: string, change: Partial<TensorRecord>) =>
  tensors.set(name, { ...tensors.get(name)!, ...change });

const manifests: ReadonlyArray<readonly [string, (manifest: Json) => void, string]> = [
  ["an iteration in text", (m) => (m.iteration = "4"), 'iteration must be number: current value is "4"'],
  ["another iteration", (m) => (m.iteration = 5), "iteration must be its folder's, 4: current value is 5"],
  ["a negative iteration", (m) => (m.iteration = -1), "iteration must be a value greater than or equal to 0"],
  [
    "an iteration without bounds",
    (m) => (m.iteration = 1e300),
    "iteration must be an integer: current value is 1e+300",
  ],
  ["steps in text", (m) => (m.steps = "x"), 'steps must be number: current value is "x"'],
  ["half a step", (m) => (m.steps = 0.5), "steps must be an integer"],
  ["no steps", (m) => delete m.steps, "steps must be given: it is missing"],
  ["another seed", (m) => (m.seed = 6), "seed must be the pipeline's, 5: current value is 6"],
  ["a hash that is a number", (m) => (m.pipelineHash = 5), "pipelineHash must be string: current value is 5"],
  ["batches that are a number", (m) => (m.batches = 5), "batches must be array"],
  ["a batch elsewhere", (m) => (m.batches = ["../../x"]), "batches.0 must be a SHA-256 in hexadecimal"],
  ["a batch that is not there", (m) => (m.batches = ["0".repeat(64)]), "no such file"],
  ["a state that is null", (m) => (m.state = null), "envs.count must be 2: it is missing"],
  ["no structure of a slot", (m) => delete m.state.control, "control must be given: it is missing"],
  ["a slot too many", (m) => (m.state.more = 1), "more must not be there: it is"],
  [
    "an inherited name",
    (m) => Object.defineProperty(m.state, "__proto__", { value: {}, enumerable: true }),
    "must not",
  ],
  ["other sizes", (m) => (m.state.policy.shape.sizes = [8, 2, 2]), "policy.shape.sizes must be [3,4,1]: it is [8,2,2]"],
  [
    "another activation",
    (m) => (m.state.value.first.network.shape.activation = "relu"),
    'must be "tanh": it is "relu"',
  ],
  [
    "a tensor of another slot",
    (m) => (m.state.value.first.network.theta = m.state.critic.first.network.theta),
    "value.first.network.theta.$tensors must be",
  ],
  ["a number for a tensor", (m) => (m.state.policy.theta = 1), "policy.theta must be a record: it is 1"],
  [
    "updates in text",
    (m) => (m.state.value.first.network.adam.step = "7"),
    "value.first.network.adam.step must be a whole number from 0 on",
  ],
  [
    "updates below 0",
    (m) => (m.state.value.first.network.adam.step = -1),
    "value.first.network.adam.step must be a whole number from 0 on",
  ],
  ["half an observation", (m) => (m.state.normalizer.count = 0.5), "normalizer.count must be a whole number from 0 on"],
  ["a horizon in text", (m) => (m.state.control.horizon = "2"), "control.horizon must be a whole number"],
  ["a weight without bounds", (m) => (m.state.control.weight = null), "control.weight must be within ± 1"],
  ["environments in text", (m) => (m.state.envs.count = "2"), 'envs.count must be 2: it is "2"'],
  ["more environments", (m) => (m.state.envs.count = 3), "envs.count must be 2: it is 3"],
  ["environments below 0", (m) => (m.state.envs.count = -2), "envs.count must be 2: it is -2"],
  [
    "a fingerprint that is none",
    (m) => (m.state.value.first.seen = 2 ** 32),
    "value.first.seen must be a whole number below 2^32",
  ],
  ["half a cross-fit", (m) => (m.state.value.second = {}), "value.second.network must be given: it is missing"],
];

for (const [what, change, reason] of manifests) {
  Deno.test(`a resealed manifest is refused: ${what}`, () => {
    const folder = written();
    reseal(folder, 4, change);
    assertStringIncludes(refusal(folder), reason);
  });
}

const shorter = (data: TensorData): TensorData => data.slice(1) as TensorData;
const states: ReadonlyArray<readonly [string, (tensors: Tensors) => void, string]> = [
  ["another shape", (t) => put(t, weight, { shape: [4, 3] }), `${weight} must have shape [3, 4]: it has [4, 3]`],
  ["fewer inputs", (t) => put(t, weight, { shape: [2, 4], data: new Float32Array(8) }), "[3, 4]: it has [2, 4]"],
  ["another type", (t) => put(t, weight, { data: new Int32Array(12) }), `${weight} must be F32: it is I32`],
  ["a missing tensor", (t) => t.delete("policy.logStd"), 'tensor "policy.logStd" must be there: it is not'],
  ["a tensor too many", (t) => t.set("a\nb", { shape: [0], data: new Uint8Array(0) }), '"a\\nb" must not be there'],
  ["σ = 0", (t) => put(t, "policy.logStd", { data: Float32Array.of(-Infinity) }), "element 0 is -Infinity"],
  ["a scale of 0", (t) => put(t, "normalizer.scale", { data: new Float32Array(3) }), "finite and above 0"],
  ...["outputScale", "outputDeviation"].map((name) =>
    [
      `an ${name} below 0`,
      (t: Tensors) => put(t, `model.first.network.members.0.${name}`, { data: new Float32Array(3).fill(-1) }),
      "finite and not below 0",
    ] as const
  ),
  ["no bound", (t) => put(t, "normalizer.bound", { data: Float32Array.of(1, NaN, 1) }), "above 0: element 1 is NaN"],
  ["negative squares", (t) => put(t, "normalizer.runningSquares", { data: Float64Array.of(0, 0, -1) }), "not below 0"],
  [
    "a negative moment",
    (t) => put(t, "value.first.network.adam.second", { data: new Float32Array(26).fill(-1) }),
    "not below 0",
  ],
  ["negative time", (t) => put(t, "envs.elapsed", { data: Int32Array.of(0, -5) }), "element 1 is -5"],
  ["an environment less", (t) => put(t, "envs.state", { shape: [1, 2], data: new Float64Array(2) }), "[2, 2]: it has"],
];

for (const [what, change, reason] of states) {
  Deno.test(`a resealed state is refused: ${what}`, () => {
    const folder = written();
    reseal(folder, 4, (_, tensors) => change(tensors));
    assertStringIncludes(refusal(folder), reason);
  });
}

Deno.test("a resealed state is read: an output that never changes has a deviation of 0", () => {
  const folder = written();
  reseal(folder, 4, (_, tensors) => {
    for (const own of ["outputScale", "outputDeviation"]) {
      const name = `model.first.network.members.0.${own}`;
      put(tensors, name, { data: tensors.get(name)!.data.map(() => 0) as TensorData });
    }
  });
  const { state } = read(folder), [model] = networksOf(state.model.first.network, "").members;
  assertEquals(model.outputScale, new Float32Array(model.outputScale.length));
});

/** Changes that no tensor of any name may survive. */
const harms: ReadonlyArray<readonly [string, (tensor: TensorRecord) => TensorRecord | null]> = [
  ["gone", () => null],
  ["shorter", ({ data }) => ({ shape: [data.length - 1], data: shorter(data) })],
  [
    "of another type",
    ({ shape, data }) => ({
      shape,
      data: data instanceof Uint8Array ? Int32Array.from(data) : new Uint8Array(data.length),
    }),
  ],
  ["of another rank", ({ shape, data }) => ({ shape: [...shape, 1], data })],
  ["not a number", (tensor) => {
    const isReal = tensor.data instanceof Float32Array || tensor.data instanceof Float64Array;
    return isReal ? { ...tensor, data: tensor.data.map(() => NaN) as TensorData } : null;
  }],
];

const namesIn = (resealing: typeof reseal): ReadonlyArray<string> => {
  let names: ReadonlyArray<string> = [];
  resealing(written(), 4, (_, tensors) => void (names = [...tensors.keys()]));
  return names;
};

for (const [where, resealing, atLeast] of [["state", reseal, 40], ["batch", resealBatch, 11]] as const) {
  Deno.test(`every tensor of a ${where} is compared: name, type, shape and numbers`, () => {
    const names = namesIn(resealing);
    assertEquals(names.length >= atLeast, true, `${names.length}`);
    for (const name of names) {
      for (const [what, harm] of harms) {
        const folder = written();
        resealing(folder, 4, (_, tensors) => {
          const harmed = harm(tensors.get(name)!);
          if (harmed === null) tensors.delete(name);
          else tensors.set(name, harmed);
        });
        assertStringIncludes(refusal(folder), name.startsWith("episode") ? "episode" : name, `${name} ${what}`);
      }
    }
  });

  Deno.test(`every field of a ${where}'s structure is compared`, () => {
    const paths: string[][] = [];
    const visit = (value: Json, path: string[]): void => {
      if (path.length > 0) paths.push(path);
      if (value !== null && typeof value === "object") {
        for (const name of Object.keys(value)) visit(value[name], [...path, name]);
      }
    };
    const top = (structure: Json) => where === "state" ? structure.state : structure;
    resealing(written(), 4, (structure: Json) => visit(top(structure), []));
    for (const path of paths) {
      for (const harm of [(o: Json, n: string) => delete o[n], (o: Json, n: string) => (o[n] = "4")]) {
        const folder = written();
        resealing(folder, 4, (structure: Json) => {
          harm(path.slice(0, -1).reduce((inner, name) => inner[name], top(structure)), path.at(-1)!);
        });
        if (path.join() !== "memory") refusal(folder); // holds nothing besides its batches
      }
    }
  });
}

const batches: ReadonlyArray<readonly [string, (structure: Json, tensors: Tensors) => void, string]> = [
  ["of another task", (s) => (s.observationSize = 4), "observationSize must be 3: it is 4"],
  ["without steps", (s) => (s.steps = 0), "steps must be a whole number above 0: it is 0"],
  ["with other steps", (s) => (s.steps = 3), "observation must have shape [3, 2, 3]: it has [4, 2, 3]"],
  ["with endless steps", (s) => (s.steps = 2 ** 52), "observation must have shape"],
  [
    "with a flag of 2",
    (_, t) => put(t, "truncated", { data: new Uint8Array(8).fill(2) }),
    "truncated must hold numbers that are 0 or 1",
  ],
  [
    "with a length too few",
    (_, t) => put(t, "episodeLengths", { shape: [1], data: Int32Array.of(3) }),
    "[2]: it has [1]",
  ],
];

for (const [what, change, reason] of batches) {
  Deno.test(`a resealed batch is refused: ${what}`, () => {
    const folder = written();
    resealBatch(folder, 4, change);
    assertStringIncludes(refusal(folder), reason);
  });
}

Deno.test("a resealed checkpoint that was not changed is read", () => {
  const folder = written();
  reseal(folder, 4, () => {});
  resealBatch(folder, 4, () => {});
  assertEquals(read(folder), checkpoint);
});
