/**
 * Sampler over web workers: the same bits as the inline one, since every environment draws from its own key.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { referenceOf, type TaskReference, TaskUnreachable } from "../tasks/reference.ts";
import type { Trajectory } from "./environment.ts";
import { assembleSample, environmentState } from "./envs.ts";
import { Sampler, type SampleRequest } from "./sampler.ts";
import type { WorkerRequest, WorkerResponse } from "./worker.ts";

const spawn = Effect.acquireRelease(
  Effect.sync(() => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" })),
  (worker) => Effect.sync(() => worker.terminate()),
);

/** One request, one answer; a worker that throws is a defect, since every expected failure is data. */
const ask = (
  worker: Worker,
  request: WorkerRequest,
): Effect.Effect<ReadonlyArray<Trajectory>, TaskUnreachable> =>
  Effect.callback((resume) => {
    worker.onmessage = ({ data }: MessageEvent<WorkerResponse>) =>
      resume(
        "unreachable" in data
          ? Effect.fail(new TaskUnreachable(request.task.name, data.unreachable))
          : Effect.succeed(data),
      );
    worker.onerror = (event) => {
      event.preventDefault();
      resume(Effect.die(new Error(`Cannot sample in a worker as it must not throw: ${event.message}`)));
    };
    worker.postMessage(request);
  });

const share = (
  { task, policy, normalizer, envs, steps, key }: SampleRequest,
  reference: TaskReference,
  count: number,
  index: number,
): WorkerRequest => {
  const states = Array.from({ length: envs.count }, (_, n) => n)
    .filter((n) => n % count === index)
    .map((n) => environmentState(task, envs, n));
  return { task: reference, policy, normalizer, states, steps, key };
};

/** (count) ⇒ a sampler whose environments are dealt to `count` workers in turn; the workers end with the layer's scope. */
export const workerSampler = (count: number): Layer.Layer<Sampler> =>
  Layer.effect(
    Sampler,
    Effect.gen(function* () {
      const workers = yield* Effect.all(Array.from({ length: count }, () => spawn));
      return {
        sample: (request) =>
          Effect.gen(function* () {
            const reference = yield* Effect.try({
              try: () => referenceOf(request.task),
              catch: (error) => error as TaskUnreachable,
            });
            const shares = yield* Effect.all(
              workers.map((worker, i) => ask(worker, share(request, reference, count, i))),
              { concurrency: "unbounded" },
            );
            const trajectories = shares.flat().sort((a, b) => a.state.index - b.state.index);
            return yield* assembleSample(request.task, trajectories);
          }),
      };
    }),
  );
