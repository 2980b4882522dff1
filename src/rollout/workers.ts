/**
 * Sampler over threads: the same bits as the inline one, since every environment draws from its own key.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { referenceOf, TaskUnreachable } from "../tasks/reference.ts";
import type { TaskUnprepared } from "../tasks/prepare.ts";
import type { WebThreads } from "../parallel/web_threads.ts";
import { type Collection, collectShare } from "./collect_share.ts";
import { type EnvironmentState, runEnvironment, type Trajectory } from "./environment.ts";
import { assembleSample, environmentState } from "./envs.ts";
import { prepared } from "./inline.ts";
import { Sampler, type SampleRequest, type SamplerService } from "./sampler.ts";
import { ThreadPool, threadPool } from "./thread_pool.ts";

/** (request, threads) ⇒ states of the environments of each thread, dealt in turn. */
const shares = ({ task, envs }: SampleRequest, count: number): ReadonlyArray<ReadonlyArray<EnvironmentState>> =>
  Array.from({ length: count }, (_, thread) =>
    Array.from({ length: envs.count }, (_, n) => n)
      .filter((n) => n % count === thread)
      .map((n) => environmentState(task, envs, n)));

/** Environments that another thread steps; a job that throws there is a defect, since every expected failure is data. */
const elsewhere = (
  { aside }: WebThreads,
  collection: Collection,
  states: ReadonlyArray<EnvironmentState>,
): Effect.Effect<ReadonlyArray<Trajectory>, TaskUnreachable> =>
  Effect.flatMap(
    Effect.promise(() => aside(collectShare, collection, states)),
    (share) =>
      "unreachable" in share
        ? Effect.fail(new TaskUnreachable(collection.task.name, share.unreachable))
        : Effect.succeed(share),
  );

/** Environments that this thread steps. */
const here = (
  { task, policy, normalizer, steps, key }: SampleRequest,
  states: ReadonlyArray<EnvironmentState>,
): Effect.Effect<ReadonlyArray<Trajectory>, TaskUnprepared> =>
  Effect.map(
    prepared(task),
    () => states.map((state) => runEnvironment(task, policy, normalizer, state, steps, key)),
  );

const samplerOver = (threads: WebThreads): SamplerService => ({
  sample: (request) =>
    Effect.gen(function* () {
      const { task, policy, normalizer, steps, key } = request;
      const reference = yield* Effect.try({
        try: () => referenceOf(task),
        catch: (error) => error as TaskUnreachable,
      });
      const collection: Collection = { task: reference, policy, normalizer, steps, key };
      const dealt = shares(request, threads.count), others = dealt.slice(0, -1);
      const found = yield* Effect.all(
        [...others.map((states) => elsewhere(threads, collection, states)), here(request, dealt[others.length])],
        { concurrency: "unbounded" },
      );
      const trajectories = found.flat().sort((a, b) => a.state.index - b.state.index);
      return yield* assembleSample(task, trajectories);
    }),
});

/** The sampler whose environments are dealt to the threads of the pool in turn. */
export const pooledSampler: Layer.Layer<Sampler, never, ThreadPool> = Layer.effect(
  Sampler,
  Effect.map(ThreadPool, samplerOver),
);

/**
 * (count) ⇒ a sampler whose environments are dealt to `count` threads in turn, this one and web workers that end with the
 * layer's scope.
 */
export const workerSampler = (count: number): Layer.Layer<Sampler> => Layer.provide(pooledSampler, threadPool(count));
