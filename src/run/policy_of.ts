/**
 * The policy of a run as a function.
 * (run) ⇒ (observation, key) ⇒ action
 *
 * @module
 */
import { makePolicyFunction, type PolicyFunction } from "../rollout/policy_function.ts";
import type { Run } from "./open_run.ts";

/**
 * (run) ⇒ its policy: (observation [obs]) ⇒ the mean action [act], (observation [obs], key) ⇒ a sampled one. Observations
 * are taken as the task observes, or as Gymnasium bounds them; they are normalised as when the policy was trained. Actions
 * lie within the control range. It calls no tensor library, and shares no memory with what it returns.
 *
 * Throws a RangeError where an observation has another size, or holds a number that is not finite.
 *
 * @example The mean action, and a sampled one
 * ```ts ignore
 * import { makeKey, openRun, policyOf } from "@mscv/mscv";
 * import * as Effect from "effect/Effect";
 *
 * const run = await Effect.runPromise(openRun("runs/mine"));
 * const act = policyOf(run);
 * const observation = new Float64Array(run.task.observationSize);
 * const mean = act(observation), sampled = act(observation, makeKey(1));
 * ```
 */
export const policyOf = ({ task, checkpoint: { state } }: Pick<Run, "task" | "checkpoint">): PolicyFunction =>
  makePolicyFunction(task, state.policy, state.normalizer);
