/**
 * What a simulation throws when it has left the numbers that physics allows.
 *
 * @module
 */
import type { Divergence } from "../physics/physics.ts";

/** A position, velocity or acceleration is not a number within ±1e10. */
export class PhysicsDiverged extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "PhysicsDiverged";
  /** The class name, as shown in a failure. */
  override readonly name = "PhysicsDiverged";
  /** Which entry, for instance `qpos[2]`. */
  readonly quantity: string;

  /**
   * (where it happened, what left) ⇒ (error with a message).
   *
   * @param task  name of the task
   * @param step  environment step, counted from 0, during which it was seen
   */
  constructor(readonly task: string, readonly step: number, { quantity, value }: Divergence) {
    super(`Cannot simulate ${task} in step ${step} as ${quantity} must be within ±1e10: current value is ${value}`);
    this.quantity = quantity;
  }
}
