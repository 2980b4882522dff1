/**
 * What a stage throws, as a typed error: an array that did not fit in memory, told from faults of its code.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { TensorsExhausted } from "../stages/errors.ts";
import { describeThrown } from "../tasks/thrown.ts";
import { StageDefect } from "./errors.ts";

const tooLarge = /^(array buffer allocation failed|invalid (typed )?array (buffer )?length)/i; // what V8 says

/** (stage, thrown) ⇒ (error). */
const errorOf = (stage: string, thrown: unknown): TensorsExhausted | StageDefect => {
  if (thrown instanceof RangeError && tooLarge.test(thrown.message)) {
    return new TensorsExhausted({ stage, detail: thrown.message });
  }
  if (typeof thrown === "string" && thrown.startsWith("Fiber.runLoop: Not a valid effect")) {
    const reason = "every function that it gives to Effect.flatMap and the like must return an Effect: one does not";
    return new StageDefect({ stage, reason, place: null });
  }
  return new StageDefect({ stage, ...describeThrown(thrown) });
};

/** (stage, effect) ⇒ the effect, which fails with a typed error where it died. */
export const liftThrown = <A, E, R>(
  stage: string,
  effect: Effect.Effect<A, E, R>,
): Effect.Effect<A, E | TensorsExhausted | StageDefect, R> =>
  Effect.catchDefect(effect, (thrown) => Effect.fail(errorOf(stage, thrown)));
