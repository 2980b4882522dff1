/**
 * How a fault of a task leaves the loop that steps it: thrown where it is seen, caught where the step is known.
 *
 * @module
 */
import type { TaskFault } from "../tasks/fault.ts";
import type { StateDivergence } from "../tasks/simulator.ts";
import type { TaskFunction, ThrownByTask } from "../tasks/task_defect.ts";
import { describeThrown } from "../tasks/thrown.ts";

type Fault = { readonly kind: "diverged" } & StateDivergence | { readonly kind: "threw" } & ThrownByTask;

/** The environment cannot go on. Stays within this room. */
class EnvironmentStopped extends Error {
  constructor(readonly fault: Fault) {
    super();
  }
}

/** (a number out of its limit): throws it. */
export const stopDiverged = (divergence: StateDivergence): never => {
  throw new EnvironmentStopped({ kind: "diverged", ...divergence });
};

/** (name, values): throws the first that is not finite. */
export const stopNonFinite = (name: string, values: Float64Array): void => {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) stopDiverged({ quantity: `${name}[${i}]`, value: values[i], limit: "finite" });
  }
};

/** (function of a task, a call of it) ⇒ what it returns; what it throws counts as that function's fault. */
export const guarded = <A>(during: TaskFunction, call: () => A): A => {
  try {
    return call();
  } catch (error) {
    throw new EnvironmentStopped({ kind: "threw", during, ...describeThrown(error) });
  }
};

/** (thrown, step) ⇒ (fault). Throws on what is no fault of a task. */
export const faultAt = (thrown: unknown, step: number): TaskFault => {
  if (!(thrown instanceof EnvironmentStopped)) throw thrown;
  return { ...thrown.fault, step };
};
