/**
 * What a simulation throws when it has left the real numbers.
 *
 * @module
 */

/** A position or velocity is not finite after a step. */
export class PhysicsDiverged extends Error {
  /** The class name, as shown in a failure. */
  override readonly name = "PhysicsDiverged";

  /**
   * (where it happened) ⇒ (error with a message).
   *
   * @param task      name of the task
   * @param step      environment step, counted from 0, after which it was seen
   * @param quantity  which entry, for instance `qpos[2]`
   */
  constructor(readonly task: string, readonly step: number, readonly quantity: string) {
    super(`Cannot simulate ${task} as ${quantity} must be finite: it is not after step ${step}`);
  }
}
