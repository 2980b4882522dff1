/**
 * The error of a simulation that has left the numbers that it allows.
 *
 * @module
 */
import type { StateDivergence } from "./simulator.ts";

/** Where a simulation was. */
export interface SimulationPlace {
  /** Name of the task. */
  readonly task: string;
  /** Environment step, counted from 0, during which it was seen. */
  readonly step: number;
  /** Index of the environment; absent where there is one. */
  readonly environment?: number;
}

/** (place) ⇒ `step 3 of environment 1`. */
export const nameStep = ({ step, environment }: SimulationPlace): string =>
  environment === undefined ? `step ${step}` : `step ${step} of environment ${environment}`;

/** A state, an observation or a reward left its limit, for instance ±1e10. */
export class PhysicsDiverged extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "PhysicsDiverged";
  /** The class name, as shown in a failure. */
  override readonly name = "PhysicsDiverged";
  /** Name of the task. */
  readonly task: string;
  /** Environment step, counted from 0, during which it was seen. */
  readonly step: number;
  /** Index of the environment; null where there is one. */
  readonly environment: number | null;
  /** Which number, for instance `qpos[2]`. */
  readonly quantity: string;

  /** (where it happened, what left which limit) ⇒ (error with a message). */
  constructor(at: SimulationPlace, { quantity, value, limit }: StateDivergence) {
    super(`Cannot simulate ${at.task} in ${nameStep(at)} as ${quantity} must be ${limit}: current value is ${value}`);
    this.task = at.task;
    this.step = at.step;
    this.environment = at.environment ?? null;
    this.quantity = quantity;
  }
}
