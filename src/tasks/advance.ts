/**
 * One environment step.
 *
 * @module
 */
import { type Data, Status, step, toFourthStage } from "../physics/physics.ts";
import type { Task } from "./task.ts";

const hold = (task: Task, data: Data, action: ArrayLike<number>): void => {
  for (let i = 0; i < task.actionSize; i++) data.ctrl[i] = action[i]!;
};

const stepFrames = (task: Task, data: Data, frames: number): Status => {
  for (let frame = 0; frame < frames; frame++) {
    const status = step(task.model, data);
    if (status !== Status.ok) return status;
  }
  return Status.ok;
};

/**
 * (state, action) ⇒ (state one environment step later): holds the controls for `frameSkip` physics steps. Actuators
 * clamp them. A step that leaves the real numbers ends it early and is reported.
 *
 * @param action  [act] unitless
 */
export const advance = (task: Task, data: Data, action: ArrayLike<number>): Status => {
  hold(task, data, action);
  return stepFrames(task, data, task.frameSkip);
};

/**
 * The same, and (state in the fourth Runge–Kutta stage of the last physics step) ⇒ `lagging`: where MuJoCo's poses, which
 * Gymnasium observes, are after it.
 */
export const advanceLagging = (task: Task, data: Data, action: ArrayLike<number>, lagging: Data): Status => {
  hold(task, data, action);
  hold(task, lagging, action);
  const status = stepFrames(task, data, task.frameSkip - 1);
  if (status !== Status.ok) return status;
  lagging.qpos.set(data.qpos);
  lagging.qvel.set(data.qvel);
  const last = toFourthStage(task.model, lagging);
  return last === Status.ok ? stepFrames(task, data, 1) : last;
};
