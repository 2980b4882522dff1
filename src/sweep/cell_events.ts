/**
 * What the process of a cell tells on its standard output: one JSON object a line; other lines are its log. And what it
 * is told on its standard input.
 *
 * @module
 */
import * as Option from "effect/Option";
import * as Schema from "effect/Schema";

/** What a process is told: its work, which is still to be decoded, below which folder that may write, and what it may import. */
export const CellRequest = Schema.fromJsonString(
  Schema.Struct({
    runs: Schema.NonEmptyString,
    modules: Schema.Array(Schema.String),
    work: Schema.Unknown,
  }),
);

const far = { iterations: Schema.Number, steps: Schema.Number };

const cellEvent = Schema.Union([
  Schema.Struct({ event: Schema.Literal("accepted") }),
  Schema.Struct({ event: Schema.Literal("progress"), ...far }),
  Schema.Struct({ event: Schema.Literal("done"), ...far }),
  Schema.Struct({ event: Schema.Literal("failed"), tag: Schema.String, message: Schema.String }),
]);

/** The work is valid and its folder is this sweep's; an iteration is done; or the cell is at its end. */
export type CellEvent = typeof cellEvent.Type;

const mark = '{"event":';

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(cellEvent));

/** (event) ⇒ its line. */
export const printEvent = (event: CellEvent): string => JSON.stringify(event);

/** (line) ⇒ its event; null for a line of the log, and for one that a kill has cut off. */
export const parseEvent = (line: string): CellEvent | null =>
  line.startsWith(mark) ? Option.getOrNull(decode(line)) : null;
