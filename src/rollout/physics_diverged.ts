/**
 * The error of a collection.
 *
 * @module
 */
import * as Schema from "effect/Schema";

/** The simulated state of an environment is not finite. */
export class PhysicsDiverged extends Schema.TaggedError<PhysicsDiverged>()("PhysicsDiverged", {
  task: Schema.String,
  environment: Schema.Number,
  step: Schema.Number,
  quantity: Schema.String,
}) {
  /** What failed, where. */
  override get message(): string {
    return `Cannot simulate ${this.task} as ${this.quantity} of environment ${this.environment} must be finite: it is not after step ${this.step}`;
  }
}
