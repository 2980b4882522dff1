/**
 * How a sweep ends where not all of its cells were trained, as tagged errors with a message for the user.
 *
 * @module
 */
import * as Schema from "effect/Schema";

/** Cells of a sweep that failed, after all others were trained. */
export class CellsFailed extends Schema.TaggedError<CellsFailed>()("CellsFailed", {
  message: Schema.String,
}) {}

/** A machine that can train no cell now, such as one with a full disk. */
export class MachineUnfit extends Schema.TaggedError<MachineUnfit>()("MachineUnfit", {
  message: Schema.String,
}) {}
