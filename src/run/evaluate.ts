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
import type { PhysicsDiverged } from "../rollout/physics_diverged.ts";
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
  /** Web workers; 0, the default: none, with the same numbers. */
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
 * Fails: UsageInvalid where `episodes` is no whole number above 0; PhysicsDiverged; SettingInvalid where a variable of the
 * environment asks for kernels that are not there.
 *
 * @example Mean return of the policy that was kept as the best
 * ```ts ignore
 * import { evaluate, openRun } from "@mscv/mscv";
 * import * as Effect from "effect/Effect";
 *
 * const run = await Effect.runPromise(openRun("runs/mine/checkpoints/best"));
 * const { return: { mean, standardError } } = await Effect.runPromise(evaluate(run, { episodes: 50 }));
 * ```
 */
export const evaluate = (
  { task, checkpoint: { state }, engine }: Run,
  options: EvaluateOptions = {},
): Effect.Effect<Evaluation, PhysicsDiverged | SettingInvalid | UsageInvalid> => {
  const { episodes, actions, seed, workers } = { ...defaults, ...options };
  const key = fold(makeKey(seed), "eval");
  return Effect.andThen(
    refuseEpisodes(episodes, "episodes"),
    Effect.provide(runEpisodes({ task, state, episodes, actions, key }), engine.services(workers)),
  );
};
