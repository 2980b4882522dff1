/**
 * One environment step.
 *
 * @module
 */
import type { StateDivergence } from "./simulator.ts";
import type { Task } from "./task.ts";

type Stepped<D> = Pick<Task<D>, "simulator" | "frameSkip">;

const stepFrames = <D>(
  { simulator }: Stepped<D>,
  data: D,
  control: Float64Array,
  frames: number,
): StateDivergence | null => {
  for (let frame = 0; frame < frames; frame++) {
    const divergence = simulator.step(data, control);
    if (divergence !== null) return divergence;
  }
  return null;
};

/**
 * (state, control) ⇒ (state one environment step later): holds the control for `frameSkip` steps of the simulator. A step
 * that leaves the real numbers ends it early and is reported.
 *
 * @param control  [act] within the task's control range
 */
export const advance = <D>(task: Stepped<D>, data: D, control: Float64Array): StateDivergence | null =>
  stepFrames(task, data, control, task.frameSkip);

/**
 * The same, and (state in the last stage of the integrator's last step) ⇒ `lagging`: where MuJoCo's poses, which Gymnasium
 * observes, are after it. The simulator must have `stepLagging`.
 */
export const advanceLagging = <D>(
  task: Stepped<D>,
  data: D,
  control: Float64Array,
  lagging: D,
): StateDivergence | null =>
  stepFrames(task, data, control, task.frameSkip - 1) ?? task.simulator.stepLagging!(data, control, lagging);
