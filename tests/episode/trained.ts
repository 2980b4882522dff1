/**
 * Networks to look at, without training: random ones of a task's sizes.
 *
 * @module
 */
import { makeKey } from "../../src/math/random.ts";
import { makePolicy } from "../../src/nn/networks/policy.ts";
import { makeValue } from "../../src/nn/networks/value.ts";
import { makeNormalizer } from "../../src/nn/networks/normalizer.ts";
import type { Task } from "../../src/tasks/task.ts";

/** (task) ⇒ its initial networks, of two layers of 16. */
export const networksFor = ({ observationSize, actionSize }: Task) => {
  const hidden = [16, 16], policy = makePolicy({ observationSize, actionSize, hidden, logStd: -0.5 }, makeKey(1));
  return {
    policy,
    value: makeValue({ observationSize, hidden }, makeKey(2)),
    normalizer: makeNormalizer(observationSize),
  };
};
