/**
 * Sampler on the calling thread.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { runEnvironment } from "./environment.ts";
import { assembleSample, environmentState } from "./envs.ts";
import { Sampler } from "./sampler.ts";

/** Runs one environment after the other, here. */
export const inlineSampler: Layer.Layer<Sampler> = Layer.succeed(Sampler, {
  sample: ({ task, policy, normalizer, envs, steps, key }) =>
    Effect.suspend(() => {
      const trajectories = Array.from(
        { length: envs.count },
        (_, n) => runEnvironment(task, policy, normalizer, environmentState(task, envs, n), steps, key),
      );
      return assembleSample(task, trajectories);
    }),
});
