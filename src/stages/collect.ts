/**
 * Stage `collect`: (policy, normalizer, envs) ⇒ (batch, normalizer, envs).
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import type { Metrics } from "../data/gradient.ts";
import { mean } from "../math/statistics.ts";
import { accumulate, refreshNormalizer } from "../nn/networks/normalizer.ts";
import { makeEnvs } from "../rollout/envs.ts";
import { type SampleError, Sampler } from "../rollout/sampler.ts";
import { count, option, type OptionsOf } from "../options/options.ts";
import { defineStage, type Stage, type StageDefinition } from "./stage.ts";

/** Options of `collect`. */
export const collectOptions: OptionsOf<{ steps: number; environments: number }> = Schema.Struct({
  steps: option(count, 5000, "transitions a batch; a multiple of environments"),
  environments: option(count, 5, "environments stepped side by side; their states go on in the next iteration"),
});

/** (what for, steps, environments): throws a RangeError where the environments cannot share the steps evenly. */
export const refuseUneven = (purpose: string, steps: number, environments: number): void => {
  if (steps % environments === 0) return;
  throw new RangeError(
    `Cannot ${purpose} as steps must be a multiple of environments: current values are ${steps} and ${environments}`,
  );
};

/** The type of the stage `collect`. */
export type Collect = Stage<
  "policy" | "normalizer" | "envs",
  "batch" | "normalizer" | "envs",
  SampleError,
  Sampler
>;

/**
 * Collects a batch with the current policy from environments that go on where the last batch stopped (Algorithm 1).
 * The normaliser takes in what it has seen so far, stays frozen for the iteration, then sees the batch.
 */
export const collect: StageDefinition<typeof collectOptions, Collect> = defineStage({
  name: "collect",
  summary: "collects a batch of real transitions with the current policy",
  options: collectOptions,
  metrics: {
    return: "mean undiscounted return of the episodes that ended in this batch; absent when none did",
    returnMin: "lowest of them",
    returnMax: "highest of them",
    episodes: "episodes that ended in this batch",
    length: "mean length of those episodes, environment steps",
    steps: "transitions in this batch",
    std: "mean standard deviation of the policy's actions, unitless",
  },
  make: (task, { steps, environments }): Collect => {
    refuseUneven("collect", steps, environments);
    return {
      name: "collect",
      reads: ["policy", "normalizer", "envs"],
      writes: ["batch", "normalizer", "envs"],
      run: Effect.fnUntraced(function* (slots, key) {
        const { sample } = yield* Sampler;
        const normalizer = refreshNormalizer(slots.normalizer);
        const envs = slots.envs.count === environments ? slots.envs : makeEnvs(task, environments);
        const { policy } = slots;
        const collected = yield* sample({ task, policy, normalizer, envs, steps: steps / environments, key });
        const { batch } = collected, { episodeReturns } = batch;
        const ended: Metrics = episodeReturns.length === 0 ? {} : {
          return: mean(episodeReturns),
          returnMin: episodeReturns.reduce((a, b) => Math.min(a, b)),
          returnMax: episodeReturns.reduce((a, b) => Math.max(a, b)),
          length: mean(batch.episodeLengths),
        };
        const std = mean(policy.theta.subarray(policy.theta.length - task.actionSize).map(Math.exp));
        return {
          batch,
          envs: collected.envs,
          normalizer: accumulate(normalizer, batch.observation),
          metrics: { ...ended, episodes: episodeReturns.length, steps, std },
        };
      }),
    };
  },
});
