/**
 * What stops a measurement.
 *
 * @module
 */

/** A part of the measurement could not be done. */
export class MeasurementFailed extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "MeasurementFailed";
  /** The class name, as shown. */
  override readonly name = "MeasurementFailed";
  /** Which part. */
  readonly part: string;
  /** What went wrong. */
  readonly reason: string;

  /** (what failed, why) ⇒ (error) with a message for the user. */
  constructor({ part, reason }: { readonly part: string; readonly reason: string }) {
    super(`Cannot measure ${part} as ${reason}`);
    this.part = part;
    this.reason = reason;
  }
}
