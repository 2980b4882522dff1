/**
 * What stops a measurement.
 *
 * @module
 */
import * as Schema from "effect/Schema";

/** A part of the measurement could not be done. */
export class MeasurementFailed extends Schema.TaggedError<MeasurementFailed>()("MeasurementFailed", {
  part: Schema.String,
  reason: Schema.String,
}) {
  /** Which part, and why. */
  override get message(): string {
    return `Cannot measure ${this.part} as ${this.reason}`;
  }
}
