/**
 * What a stage throws, as a typed error: an array that did not fit in memory, told from faults of its code.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { TensorsExhausted } from "../stages/errors.ts";
import { StageDefect } from "./errors.ts";

const tooLarge = /^(array buffer allocation failed|invalid (typed )?array (buffer )?length)/i; // what V8 says

/** (stack of an error) ⇒ `file:line:column` of the first line of it that is in no library; null: there is none. */
export const placeOf = (stack: string): string | null => {
  const frames = [...stack.matchAll(/^\s+at (?:.*\()?((?:file|https?|blob|data):[^)\s]+:\d+:\d+)\)?$/gm)].map((
    [, at],
  ) => at);
  return frames.find((at) => !at.includes("/node_modules/"))?.replace(/^file:\/\//, "") ?? null;
};

const describe = (thrown: unknown): string => {
  const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return `it threw ${text.split("\n")[0]}`;
};

/** (stage, thrown) ⇒ (error). */
const errorOf = (stage: string, thrown: unknown): TensorsExhausted | StageDefect => {
  if (thrown instanceof RangeError && tooLarge.test(thrown.message)) {
    return new TensorsExhausted({ stage, detail: thrown.message });
  }
  const place = thrown instanceof Error ? placeOf(thrown.stack ?? "") : null;
  return new StageDefect({ stage, reason: describe(thrown), place });
};

/** (stage, effect) ⇒ the effect, which fails with a typed error where it died. */
export const liftThrown = <A, E, R>(
  stage: string,
  effect: Effect.Effect<A, E, R>,
): Effect.Effect<A, E | TensorsExhausted | StageDefect, R> =>
  Effect.catchDefect(effect, (thrown) => Effect.fail(errorOf(stage, thrown)));
