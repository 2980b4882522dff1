/**
 * How a policy acts.
 *
 * @module
 */
import type { PolicyParams } from "../data/parameters.ts";

/** By its mean, or sampled as it trains. */
export type Actions = "mean" | "sampled";

const smallestLogStd = -30; // σ = 1e-13: the noise vanishes in float32 beside the mean

/** (policy, act, actions) ⇒ the policy, with next to no noise where it acts by its mean. */
export const policyThatActs = (policy: PolicyParams, actionSize: number, actions: Actions): PolicyParams =>
  actions === "sampled" ? policy : {
    ...policy,
    theta: policy.theta.map((x, i) => (i >= policy.theta.length - actionSize ? smallestLogStd : x)),
  };
