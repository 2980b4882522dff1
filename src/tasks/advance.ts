/**
 * One environment step.
 *
 * @module
 */
import { type Data, Status, step } from "../physics/physics.ts";
import type { Task } from "./task.ts";

/**
 * (state, action) ⇒ (state one environment step later): holds the controls for `frameSkip` physics steps. Actuators
 * clamp them. A step that leaves the real numbers ends it early and is reported.
 *
 * @param action  [act] unitless
 */
export const advance = (task: Task, data: Data, action: ArrayLike<number>): Status => {
  for (let i = 0; i < task.actionSize; i++) data.ctrl[i] = action[i]!;
  for (let frame = 0; frame < task.frameSkip; frame++) {
    const status = step(task.model, data);
    if (status !== Status.ok) return status;
  }
  return Status.ok;
};
