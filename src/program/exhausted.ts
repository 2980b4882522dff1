/**
 * Arrays that did not fit in memory, told from faults of the program.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { TensorsExhausted } from "../stages/errors.ts";

const tooLarge = /^(array buffer allocation failed|invalid (typed )?array (buffer )?length)/i; // what V8 says

/** (stage, thrown) ⇒ the error where an array was too large, else null. */
const exhaustionOf = (stage: string, thrown: unknown): TensorsExhausted | null =>
  thrown instanceof RangeError && tooLarge.test(thrown.message)
    ? new TensorsExhausted({ stage, detail: thrown.message })
    : null;

/** (stage, effect) ⇒ the effect, which fails with `TensorsExhausted` where it died of an array that did not fit. */
export const liftExhaustion = <A, E, R>(
  stage: string,
  effect: Effect.Effect<A, E, R>,
): Effect.Effect<A, E | TensorsExhausted, R> =>
  Effect.catchDefect(effect, (thrown) => {
    const error = exhaustionOf(stage, thrown);
    return error === null ? Effect.die(thrown) : Effect.fail(error);
  });
