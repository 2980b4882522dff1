/**
 * What a runner is given, and what comes of it.
 *
 * @module
 */
import * as Schema from "effect/Schema";

/** One cell to train; all that a machine needs which has nothing but this package. */
export const CellWork = Schema.Struct({
  sweep: Schema.String, // key of the sweep
  id: Schema.String, // of the cell
  attempt: Schema.Number,
  iterations: Schema.Number,
  folder: Schema.String, // of the sweep; where it is relative, below the runner's working directory
  pipeline: Schema.String, // resolved, YAML
});

/** One cell to train. */
export type CellWork = typeof CellWork.Type;

/** (work) ⇒ the key under which its result is recorded: once. */
export const workKey = ({ sweep, id, iterations, attempt }: Omit<CellWork, "folder" | "pipeline">): string =>
  `${sweep}/${id}/${iterations}/${attempt}`;

/** A cell that was trained to its last iteration. */
export const CellTrained = Schema.Struct({
  iterations: Schema.Number,
  steps: Schema.Number, // environment steps
  host: Schema.String,
});

/** A cell that was trained to its last iteration. */
export type CellTrained = typeof CellTrained.Type;

/** A cell that could not be trained; the others go on. */
export class CellFailed extends Schema.TaggedError<CellFailed>()("CellFailed", {
  id: Schema.String,
  tag: Schema.String, // of the error that ended it
  reason: Schema.String, // that error's message
  log: Schema.Array(Schema.String), // the last lines of the cell's log
  iterations: Schema.Number,
  steps: Schema.Number,
  host: Schema.String,
}) {
  /** Which cell, and why. */
  override get message(): string {
    return `Cannot finish cell ${this.id}. ${this.reason}`;
  }
}
