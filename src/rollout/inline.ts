/**
 * Sampler on the calling thread.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { runEnvironment } from "./environment.ts";
import { assembleSample, environmentState } from "./envs.ts";
import { needsPreparation, prepareTask, type TaskUnprepared } from "../tasks/prepare.ts";
import type { Task } from "../tasks/task.ts";
import { Sampler } from "./sampler.ts";

/** (task): gets its simulator what it needs. */
export const prepared = (task: Task): Effect.Effect<void, TaskUnprepared> =>
  needsPreparation(task)
    ? Effect.tryPromise({ try: () => prepareTask(task), catch: (error) => error as TaskUnprepared })
    : Effect.void; // synchronous

/** Runs one environment after the other, here. */
export const inlineSampler: Layer.Layer<Sampler> = Layer.succeed(Sampler, {
  sample: ({ task, policy, normalizer, envs, steps, key }) =>
    Effect.andThen(
      prepared(task),
      Effect.suspend(() => {
        const trajectories = Array.from(
          { length: envs.count },
          (_, n) => runEnvironment(task, policy, normalizer, environmentState(task, envs, n), steps, key),
        );
        return assembleSample(task, trajectories);
      }),
    ),
});
