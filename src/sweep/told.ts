/**
 * What the database tells of cells, decoded and bounded before it is shown or written into a folder.
 *
 * A malformed outcome counts as a failure of its cell, so that nobody waits for a better one; a new attempt has another
 * key.
 *
 * @module
 */
import * as Option from "effect/Option";
import * as Schema from "effect/Schema";
import { gunzipSync } from "node:zlib";
import { Buffer } from "node:buffer";
import { isLogLine } from "../run/run_log.ts";
import { longest } from "./cell_work.ts";
import { onOneLine, printable } from "./foreign_text.ts";
import type { LedgerEntry } from "./ledger_entry.ts";
import { type Outcome, outcomeSchema } from "./manifest.ts";

/** Most characters of an outcome. */
export const largestOutcome = 500_000;

const keyOf = Schema.String.check(Schema.isMaxLength(512));

const row = Schema.Struct({
  work_key: keyOf,
  iterations: Schema.Unknown,
  steps: Schema.Unknown,
  host: Schema.String,
  silent: Schema.Unknown,
  outcome: Schema.NullOr(Schema.String),
});

const isRow = Schema.is(row);
const parseOutcome = Schema.decodeUnknownOption(Schema.fromJsonString(outcomeSchema));

const lines = 20; // of a log

const bound = (told: Outcome): Outcome => ({
  ...told,
  host: onOneLine(told.host, longest.name),
  error: told.error === null ? null : {
    tag: onOneLine(told.error.tag, longest.name),
    message: printable(told.error.message, longest.reason),
    log: told.error.log.slice(-lines).map((line) => printable(line.replaceAll("\n", " "), longest.line)),
  },
});

/** (key) ⇒ cell, iterations and attempt, as `workKey` has put them in. */
const partsOf = (key: string) => {
  const [, id = "", iterations = "0", attempt = "0"] = key.split("/");
  return { id, iterations: Number(iterations), attempt: Number(attempt) };
};

/** (key, text) ⇒ its outcome; where the text is none of this cell's, a failure that says so. */
const outcomeOf = (key: string, text: string, host: string): Outcome => {
  const { id, attempt, iterations } = partsOf(key);
  const told = text.length > largestOutcome ? null : Option.getOrNull(parseOutcome(text));
  const fits = told !== null && told.id === id && told.attempt === attempt &&
    (told.state === "done" ? told.error === null && told.iterations >= iterations : told.error !== null);
  if (fits) return bound(told);
  const message =
    `Cannot read what the database has of ${id} as it must be the outcome of a cell: it is something else`;
  return {
    id,
    attempt,
    state: "failed",
    iterations: 0,
    steps: 0,
    host,
    error: { tag: "OutcomeInvalid", message, log: [] },
  };
};

const countOf = (value: unknown): number => {
  const count = Number(value);
  return Number.isSafeInteger(count) && count >= 0 ? count : 0;
};

/** Outcomes by key, with the text that said so: the same text is decoded once, however often it is looked at. */
export type KnownOutcomes = Map<string, { readonly text: string; readonly outcome: Outcome }>;

const knownOutcome = (key: string, text: string, host: string, known: KnownOutcomes): Outcome => {
  const before = known.get(key);
  if (before?.text === text) return before.outcome;
  const outcome = outcomeOf(key, text, host);
  known.set(key, { text, outcome });
  return outcome;
};

/** (row of the ledger, outcomes so far, which it adds to) ⇒ what it tells; null where it can be of no cell. */
export const decodeEntry = (value: unknown, known: KnownOutcomes = new Map()): LedgerEntry | null => {
  if (!isRow(value)) return null;
  const { work_key: key, outcome: text } = value;
  const host = onOneLine(value.host, longest.name), silent = Number(value.silent);
  return {
    key,
    iterations: countOf(value.iterations),
    steps: countOf(value.steps),
    host,
    silentSeconds: Number.isFinite(silent) ? silent : Infinity,
    outcome: text === null ? null : knownOutcome(key, text, host, known),
  };
};

/** Most characters of a packed log, and bytes of an unpacked one. */
export const largestLog = { packed: 12_000_000, unpacked: 64_000_000 };

const largestLine = 16_384; // bytes of an iteration's line, of which there are ten times as few today

/**
 * (packed log, iterations that it may tell of) ⇒ its lines, without those that are no iteration's; null where it cannot be
 * unpacked, or is larger than a log of so many iterations.
 */
export const unpackLog = (packed: string, iterations: number): string | null => {
  const most = Math.min(largestLog.unpacked, (iterations + 1) * largestLine);
  if (packed.length > largestLog.packed) return null;
  try {
    const bytes = gunzipSync(Buffer.from(packed, "base64"), { maxOutputLength: most });
    return bytes.toString("utf8").split("\n").filter(isLogLine).map((line) => line + "\n").join("");
  } catch {
    return null;
  }
};
