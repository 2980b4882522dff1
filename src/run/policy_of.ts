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
 * ```ts
 * import { policyOf } from "./policy_of.ts";
 * import { trainRun } from "./train_run.ts";
 * import { makeKey } from "../math/random.ts";
 * import * as Effect from "effect/Effect";
 *
 * const place = Deno.makeTempDirSync(), folder = `${place}/mine`, set = ["collect.steps=100", "fitValue.epochs=1"];
 * const run = await Effect.runPromise(trainRun({ pipeline: "pipelines/reacher_trpo.yaml", set, iterations: 1, folder }));
 * const act = policyOf(run), observation = new Float64Array(run.task.observationSize);
 * const mean = act(observation), sampled = act(observation, makeKey(1));
 * if (mean.length !== 2 || mean[0] === sampled[0]) throw new Error("two actions, and noise in the sampled ones");
 * Deno.removeSync(place, { recursive: true });
 * ```
 */
export const policyOf = ({ task, checkpoint: { state } }: Pick<Run, "task" | "checkpoint">): PolicyFunction =>
  makePolicyFunction(task, state.policy, state.normalizer);
