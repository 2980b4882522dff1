/**
 * What stops an environment, as plain data that a worker can send, and as the error that it becomes.
 *
 * @module
 */
import { PhysicsDiverged, type SimulationPlace } from "./physics_diverged.ts";
import type { StateDivergence } from "./simulator.ts";
import { TaskDefect, type ThrownByTask } from "./task_defect.ts";

/** A number out of its limit, or code that threw; `step` is counted from 0. */
export type TaskFault =
  & { readonly step: number }
  & ({ readonly kind: "diverged" } & StateDivergence | { readonly kind: "threw" } & ThrownByTask);

/** What a simulation can fail with. */
export type SimulationError = PhysicsDiverged | TaskDefect;

/** (task, environment, fault) ⇒ (error). */
export const faultError = (task: string, environment: number | undefined, fault: TaskFault): SimulationError => {
  const at: SimulationPlace = { task, step: fault.step, ...(environment === undefined ? {} : { environment }) };
  return fault.kind === "diverged" ? new PhysicsDiverged(at, fault) : new TaskDefect(at, fault);
};
