/**
 * A random policy and normaliser for a task, and collections with them.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type * as Layer from "effect/Layer";
import type { Normalizer, PolicyParams } from "../../src/data/parameters.ts";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { initializeMlp } from "../../src/nn/networks/mlp.ts";
import { makeNormalizer } from "../../src/nn/networks/normalizer.ts";
import { makePolicy } from "../../src/nn/networks/policy.ts";
import { makeEnvs } from "../../src/rollout/envs.ts";
import { type Sample, Sampler, type SampleRequest } from "../../src/rollout/sampler.ts";
import type { Task } from "../../src/tasks/task.ts";

export const key = makeKey(20);

/** Policy whose mean moves by about 1 (gain 1), so that actions pass the control range often; σ differs by action. */
export const policyFor = ({ observationSize, actionSize }: Task): PolicyParams => {
  const policy = makePolicy({ observationSize, actionSize, hidden: [8, 5], logStd: 0 }, key);
  const theta = policy.theta.slice();
  theta.set(initializeMlp(policy.shape, fold(key, "policy"), 1));
  for (let j = 0; j < actionSize; j++) theta[theta.length - actionSize + j] = -0.2 - 0.1 * j;
  return { ...policy, theta };
};

/** Normaliser with a mean and a scale that matter, and the task's bound. */
export const normalizerFor = ({ observationSize, observationBound }: Task): Normalizer => {
  const stream = makeStream(fold(key, "normalizer"));
  return {
    ...makeNormalizer(observationSize, observationBound),
    mean: Float32Array.from({ length: observationSize }, () => 0.3 * stream.normal()),
    scale: Float32Array.from({ length: observationSize }, () => 0.5 + stream.uniform()),
  };
};

/** (task, N, T) ⇒ a request that begins with resets. */
export const requestFor = (task: Task, environments: number, steps: number): SampleRequest => ({
  task,
  policy: policyFor(task),
  normalizer: normalizerFor(task),
  envs: makeEnvs(task, environments),
  steps,
  key: fold(key, "collect"),
});

/** (layer, requests) ⇒ (samples), one after the other within one life of the layer. */
export const collectWith = (
  layer: Layer.Layer<Sampler>,
  requests: ReadonlyArray<SampleRequest>,
): Promise<ReadonlyArray<Sample>> =>
  Effect.gen(function* () {
    const { sample } = yield* Sampler;
    return yield* Effect.forEach(requests, (request) => sample(request));
  }).pipe(Effect.provide(layer), Effect.runPromise);
