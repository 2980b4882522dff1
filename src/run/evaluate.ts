/**
 * What the policy of a run earns.
 * (run) ⇒ (evaluation)
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { UsageInvalid } from "../config/usage.ts";
import { fold, makeKey } from "../math/random.ts";
import type { SettingInvalid } from "../nn/kernels/environment.ts";
import type { SampleError } from "../rollout/sampler.ts";
import { type Actions, type Evaluation, runEpisodes } from "./evaluation.ts";
import type { Run } from "./open_run.ts";

/** How a run is evaluated. */
export interface EvaluateOptions {
  /** Default: 20. */
  readonly episodes?: number;
  /** Default: "mean", without exploration. */
  readonly actions?: Actions;
  /** Of resets and actions; default: 0. */
  readonly seed?: number;
  /** Threads that share the work, this one among them; 0, the default, and 1: this one alone, with the same numbers. */
  readonly workers?: number;
}

const defaults = { episodes: 20, actions: "mean", seed: 0, workers: 0 } as const;

/** (number of episodes, what the user calls it) ⇒ nothing where there can be so many. Fails: UsageInvalid. */
export const refuseEpisodes = (episodes: number, name: string): Effect.Effect<void, UsageInvalid> =>
  Number.isSafeInteger(episodes) && episodes > 0 ? Effect.void : Effect.fail(
    new UsageInvalid({ message: `Cannot evaluate as ${name} must be 1 or more: current value is ${episodes}` }),
  );

/**
 * (run) ⇒ (evaluation): episodes of the policy of its checkpoint, on its configured task, with its normaliser.
 *
 * Fails: UsageInvalid where `episodes` is no whole number above 0; SampleError; SettingInvalid where a variable of the
 * environment asks for kernels that are not there.
 *
 * @example Mean return of the policy that was kept as the best
 * ```ts
 * import { evaluate } from "./evaluate.ts";
 * import { openRun } from "./open_run.ts";
 * import { trainRun } from "./train_run.ts";
 * import * as Effect from "effect/Effect";
 *
 * const place = Deno.makeTempDirSync(), folder = `${place}/mine`, set = ["collect.steps=100", "fitValue.epochs=1"];
 * const evaluation = { every: 1, episodes: 2 };
 * await Effect.runPromise(trainRun({ pipeline: "pipelines/reacher_trpo.yaml", set, iterations: 2, evaluation, folder }));
 * const best = await Effect.runPromise(openRun(`${folder}/checkpoints/best`));
 * const { episodes, return: { mean } } = await Effect.runPromise(evaluate(best, { episodes: 3 }));
 * if (episodes.length !== 3 || !(mean < 0)) throw new Error("a reacher loses by its distance, in 50 steps an episode");
 * Deno.removeSync(place, { recursive: true });
 * ```
 */
export const evaluate = (
  { task, checkpoint: { state }, engine }: Run,
  options: EvaluateOptions = {},
): Effect.Effect<Evaluation, SampleError | SettingInvalid | UsageInvalid> => {
  const { episodes, actions, seed, workers } = { ...defaults, ...options };
  const key = fold(makeKey(seed), "eval");
  return Effect.andThen(
    refuseEpisodes(episodes, "episodes"),
    Effect.provide(runEpisodes({ task, state, episodes, actions, key }), engine.services(workers)),
  );
};
