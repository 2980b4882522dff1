/**
 * What a runner is given, and what comes of it.
 *
 * The work comes out of a database, into which others write, too: whoever takes it decodes it by `CellWork`.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import { onOneLine, printable } from "./foreign_text.ts";

/** `<task>-<variant>-s<seed>-<8 digits>`: one name of a folder, short enough for what is put around it. */
const cellId = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9][\w.-]*-s\d+-[0-9a-f]{8}$/, {
    message: "must look like <task>-<variant>-s<seed>-<8 digits>",
  }),
  Schema.isMaxLength(160, { message: "must have 160 characters or fewer" }),
);

const sweepKey = Schema.String.check(
  Schema.isPattern(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, { message: "must be a UUID" }),
);

const count = (maximum: number) => {
  const message = `must be an integer from 1 to ${maximum}`;
  return Schema.Number.check(Schema.isInt({ message }), Schema.isBetween({ minimum: 1, maximum }, { message }));
};

/** A path that does not climb: no NUL or other control characters, no `..` on the way. */
const folder = Schema.String.check(
  // deno-lint-ignore no-control-regex
  Schema.isPattern(/^(?!(?:.*[\\/])?\.\.(?:[\\/]|$))[^\u0000-\u001f\u007f]+$/, {
    message: "must be a path without .. and control characters",
  }),
  Schema.isMaxLength(4096, { message: "must have 4096 characters or fewer" }),
);

/** One cell to train; all that a machine needs which has nothing but this package. */
export const CellWork = Schema.Struct({
  sweep: sweepKey, // key of the sweep
  id: cellId, // of the cell
  attempt: count(1_000_000),
  iterations: count(2 ** 31 - 1),
  folder, // of the sweep; where it is relative, below the runner's working directory
  pipeline: Schema.String.check(Schema.isMaxLength(100_000, { message: "must have 100000 characters or fewer" })), // resolved, YAML
});

/** One cell to train. */
export type CellWork = typeof CellWork.Type;

/** Work that is not done, because of what it is or where it would be done. */
export class WorkInvalid extends Schema.TaggedError<WorkInvalid>()("WorkInvalid", {
  message: Schema.String,
}) {}

/** (what a database or a stream says) ⇒ (work). Fails: WorkInvalid. */
export const decodeWork = (value: unknown): Effect.Effect<CellWork, WorkInvalid> =>
  Effect.mapError(
    Schema.decodeUnknownEffect(CellWork)(value),
    (error) =>
      new WorkInvalid({ message: `Cannot train a cell as its work must be valid: ${onOneLine(error.message, 500)}` }),
  );

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

/** Most characters of what is recorded of a failure. */
export const longest = { reason: 20_000, line: 2_000, name: 255 };

/** (failure) ⇒ the same, cut to what is recorded. */
export const boundFailure = (failure: CellFailed): CellFailed =>
  new CellFailed({
    ...failure,
    tag: onOneLine(failure.tag, longest.name),
    reason: printable(failure.reason, longest.reason),
    log: failure.log.map((line) => printable(line, longest.line)),
  });
