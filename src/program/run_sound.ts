/**
 * A stage run in a fiber of its own, so that whatever its code gives in place of an effect is a typed error.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import type { TensorsExhausted } from "../stages/errors.ts";
import { StageDefect } from "./errors.ts";
import { liftThrown } from "./thrown.ts";

/** (what `run` returned) ⇒ words for it, and how to mend it. */
const describe = (given: unknown): string => {
  if (given instanceof Promise) return "a Promise, which Effect.promise(() => …) makes an Effect of";
  if (given === null || typeof given !== "object") return String(given);
  return "a plain object, which Effect.succeed(…) makes an Effect of";
};

/** (stage, run) ⇒ the effect that it gives, or one that fails with what it gives instead. */
const effectOf = <A, E, R>(stage: string, run: () => Effect.Effect<A, E, R>): Effect.Effect<A, E | StageDefect, R> => {
  const given: unknown = run();
  if (Effect.isEffect(given)) return given as Effect.Effect<A, E, R>;
  if (given instanceof Promise) given.catch(() => {}); // what it rejects with is nobody's
  const reason = `its run must return an Effect: current value is ${describe(given)}`;
  return Effect.fail(new StageDefect({ stage, reason, place: null }));
};

/**
 * (stage, run) ⇒ (what the stage returned). Fails as the stage does, and with StageDefect or TensorsExhausted where its code
 * throws. A fiber that meets something else than an effect, in a `flatMap` for instance, ends without its finalizers: it is
 * not that of the run, which closes its log and gives its folder back.
 */
export const runSound = <A, E, R>(
  stage: string,
  run: () => Effect.Effect<A, E, R>,
): Effect.Effect<A, E | TensorsExhausted | StageDefect, R> => {
  const apart = Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(
      Effect.forkChild(restore(Effect.suspend(() => effectOf(stage, run))), { startImmediately: true }),
      (fiber) => Effect.onInterrupt(restore(Fiber.join(fiber)), () => Fiber.interrupt(fiber)),
    )
  );
  return liftThrown(stage, apart);
};
