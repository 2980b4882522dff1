/**
 * Fake stages: small, exact, and quick, so that the training loop is tested without physics or tensors.
 *
 * @module
 */
import { ensembleOf, oneFold } from "../../src/data/folds.ts";
import { estimators } from "../../src/estimators/registry.ts";
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import type { Catalog } from "../../src/config/catalog.ts";
import type { Batch } from "../../src/data/batch.ts";
import { emptyMemory, storeBatch } from "../../src/data/memory.ts";
import { mlpParameterCount, type MlpShape } from "../../src/data/parameters.ts";
import type { Expected } from "../../src/run/expected_state.ts";
import { type Key, makeStream } from "../../src/math/random.ts";
import type { SamplerService } from "../../src/rollout/sampler.ts";
import { defineStage, type Stage, type TrainState } from "../../src/stages/stage.ts";
import { NonFiniteGradient } from "../../src/stages/errors.ts";
import type { Task } from "../../src/tasks/task.ts";

const normals = (key: Key, length: number): Float32Array<ArrayBuffer> => {
  const stream = makeStream(key);
  return Float32Array.from({ length }, () => stream.normal());
};

const withDefault = <S extends Schema.Constraint>(schema: S, value: S["Encoded"]) =>
  Schema.withDecodingDefaultKey<S>(Effect.succeed(value))(schema);

const positive = Schema.Finite.check(Schema.isInt(), Schema.isGreaterThan(0));

/** A task of which only the sizes and the threshold are read. */
export const fakeTask = {
  name: "pendulum",
  observationSize: 3,
  actionSize: 1,
  threshold: 2,
  timeLimit: 10,
  simulator: { stateSize: 2 },
} as unknown as Task;

/** Random batch of `steps` × `environments` with two ended episodes. */
export const fakeBatch = (key: Key, steps: number, environments: number): Batch => {
  const cells = steps * environments;
  return {
    steps,
    environments,
    observationSize: 3,
    actionSize: 1,
    observation: normals(key, cells * 3),
    nextObservation: normals(key, cells * 3),
    action: normals(key, cells),
    noise: normals(key, cells),
    logProb: normals(key, cells),
    reward: normals(key, cells),
    terminated: new Uint8Array(cells).fill(1, 0, 1),
    truncated: new Uint8Array(cells),
    episodeReturns: Float64Array.of(normals(key, 1)[0], 1.5),
    episodeLengths: Int32Array.of(3, 4),
  };
};

/** Writes a random batch; `milliseconds` makes it slow. */
export const collect = defineStage({
  name: "collect",
  summary: "Collects a batch of random transitions",
  options: Schema.Struct({
    steps: withDefault(positive.annotate({ description: "Steps of a batch" }), 4),
    environments: withDefault(positive, 2),
    milliseconds: withDefault(Schema.Finite, 0),
  }),
  metrics: { return: "Mean return of the episodes that ended" },
  make: (_task, o): Stage<"policy" | "envs", "batch" | "envs"> => ({
    name: "collect",
    reads: ["policy", "envs"],
    writes: ["batch", "envs"],
    run: ({ envs }, key) => {
      const batch = fakeBatch(key, o.steps, o.environments);
      const state = Float64Array.from(envs.state, (x, i) => x + Math.sin(batch.reward[i]) * Math.PI);
      const result = { batch, envs: { ...envs, state }, metrics: { return: batch.episodeReturns[0] } };
      return Effect.as(Effect.sleep(o.milliseconds), result);
    },
  }),
});

/**
 * Collects a random batch in which every step earns the policy's first parameter, as any reward is where the policy decides.
 * The first environment's episode ends at its first step, those of the others go on to the last.
 */
export const fakeSampler: SamplerService = {
  sample: ({ policy, envs, steps, key }) =>
    Effect.sync(() => {
      const batch = fakeBatch(key, steps, envs.count);
      return { batch: { ...batch, reward: batch.reward.map(() => policy.theta[0]) }, envs };
    }),
};

/** Keeps batches. */
export const store = defineStage({
  name: "store",
  summary: "Appends the batch to the memory",
  options: Schema.Struct({ capacity: withDefault(positive, 20) }),
  metrics: { size: "Transitions in the memory" },
  make: (_task, o): Stage<"batch" | "memory", "memory"> => ({
    name: "store",
    reads: ["batch", "memory"],
    writes: ["memory"],
    run: ({ batch, memory }) =>
      Effect.sync(() => {
        const next = storeBatch(memory, batch, o.capacity);
        return { memory: next, metrics: { size: next.batches.length } };
      }),
  }),
});

/** Moves θ by the newest reward; turns NaN at iteration `nanAfter`, or fails there with a typed error. */
export const trpoUpdate = defineStage({
  name: "trpoUpdate",
  summary: "Moves the policy",
  options: Schema.Struct({
    maxKl: withDefault(
      Schema.Finite.check(Schema.isGreaterThan(0)).annotate({ description: "Trust region, nats" }),
      0.01,
    ),
    nanAfter: withDefault(Schema.Finite, 1e9),
    failAfter: withDefault(Schema.Finite, 1e9),
    method: withDefault(Schema.Literals(["conjugateGradient", "exact"]), "exact"),
  }),
  metrics: { kl: "KL from the old policy, nats", outcome: "What became of the step" },
  make: (
    _task,
    o,
  ): Stage<"policy" | "batch" | "memory" | "normalizer", "policy" | "normalizer", NonFiniteGradient> => ({
    name: "trpoUpdate",
    reads: ["policy", "batch", "memory", "normalizer"],
    writes: ["policy", "normalizer"],
    run: ({ policy, batch, memory, normalizer }, key) => {
      const count = normalizer.count + 1;
      if (count >= o.failAfter) return Effect.fail(new NonFiniteGradient({ quantity: "G2" }));
      const noise = normals(key, 1)[0] + memory.batches[0].reward[0];
      const step = count >= o.nanAfter ? NaN : o.maxKl * (batch.reward[0] + noise);
      const theta = policy.theta.map((x) => x + step);
      return Effect.succeed({
        policy: { ...policy, theta },
        normalizer: { ...normalizer, count },
        metrics: { kl: step * step, outcome: "accepted" },
      });
    },
  }),
});

const shape = (...sizes: ReadonlyArray<number>): MlpShape => ({ sizes, activation: "tanh" });
const adam = (length: number) => ({ first: new Float32Array(length), second: new Float32Array(length), step: 0 });

/** State of a run that has not begun; every array distinct, so that a mixed-up tensor shows. */
export const fakeState = (key: Key, hidden: ReadonlyArray<number> = [4]): TrainState => {
  const [policy, value] = [shape(3, ...hidden, 1), shape(3, 5, 1)];
  const model: MlpShape = { sizes: [4, 6, 6, 3], activation: "relu", skip: true };
  return {
    policy: { shape: policy, theta: normals(key, mlpParameterCount(policy) + 1) },
    value: oneFold({
      shape: value,
      theta: normals(key, mlpParameterCount(value)),
      target: normals(key, mlpParameterCount(value)).map((x) => 2 * x),
      adam: { ...adam(mlpParameterCount(value)), step: 7 },
    }),
    model: oneFold(ensembleOf({
      shape: model,
      reward: "known",
      theta: normals(key, mlpParameterCount(model)),
      adam: adam(mlpParameterCount(model)),
      inputMean: Float32Array.of(0, 1, 2, 3),
      inputScale: Float32Array.of(1, 1, 1, 1),
      outputMean: Float32Array.of(4, 5, 6),
      outputScale: Float32Array.of(1, 2, 3),
      outputDeviation: Float32Array.of(2, 3, 4),
    })),
    critic: oneFold({
      shape: value,
      theta: normals(key, mlpParameterCount(value)).map((x) => 3 * x),
      target: normals(key, mlpParameterCount(value)).map((x) => 4 * x),
      adam: adam(mlpParameterCount(value)),
    }),
    control: { horizon: 2, weight: 0.5, nearWeight: 0.125, farWeight: 0.25 },
    normalizer: {
      mean: Float32Array.of(1, 2, 3),
      scale: Float32Array.of(3, 2, 1),
      count: 0,
      runningMean: Float64Array.of(0.1, 0.2, 0.3),
      runningSquares: Float64Array.of(1 / 3, 2 / 3, Math.PI),
      bound: Float32Array.of(Infinity, 10, 0.1),
    },
    memory: emptyMemory,
    envs: {
      count: 2,
      state: Float64Array.of(Math.E, 1, Math.PI, 2),
      elapsed: Int32Array.of(3, 4),
      episodeReturn: Float64Array.of(0.5, 0.25),
      resets: Int32Array.of(1, 1),
    },
  };
};

/** What checkpoints of a run that begins with this state and seed must be like. */
export const expectedLike = (state: TrainState, seed: number): Expected => ({
  state,
  seed,
  pipelineHash: null,
  environments: [2],
  widths: { observation: 3, action: 1, state: 2 },
  ownSlots: [],
});

/** The fakes as a pipeline file sees them. */
export const fakeCatalog: Catalog = {
  estimators,
  stages: { collect, store, trpoUpdate },
  tasks: { pendulum: fakeTask },
  initialState: (_task, pipeline, key) => fakeState(key, pipeline.networks.policy.hidden),
};
