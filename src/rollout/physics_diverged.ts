/**
 * The error of a collection.
 *
 * @module
 */

/** The simulated state of an environment is not finite. */
export class PhysicsDiverged extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "PhysicsDiverged";
  /** The class name, as shown. */
  override readonly name = "PhysicsDiverged";
  /** Name of the task. */
  readonly task: string;
  /** Index of the environment. */
  readonly environment: number;
  /** Step of the collection after which it was found. */
  readonly step: number;
  /** What is not finite. */
  readonly quantity: string;

  /** (what failed, where) ⇒ (error) with a message for the user. */
  constructor(
    { task, environment, step, quantity }: {
      readonly task: string;
      readonly environment: number;
      readonly step: number;
      readonly quantity: string;
    },
  ) {
    super(
      `Cannot simulate ${task} as ${quantity} of environment ${environment} must be finite: it is not after step ${step}`,
    );
    this.task = task;
    this.environment = environment;
    this.step = step;
    this.quantity = quantity;
  }
}
