/**
 * Which part of its reward a task says by itself.
 *
 * @module
 */
import type { KnownReward, Task } from "./task.ts";

/** Of a task that says nothing of its reward: the model learns all of it. */
export const nothingKnown: KnownReward = (algebra) => algebra.constant(0);

/** (task) ⇒ how much of the reward observations and actions determine, as the task says it. */
export const knownPart = ({ imagined }: Pick<Task, "imagined">): "all" | "some" | "none" => {
  if (imagined.rewardResidual === "zero") return "all";
  return imagined.knownReward === nothingKnown ? "none" : "some";
};
