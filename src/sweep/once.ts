/**
 * One run of an effect at a time by key: whoever asks for one that is running waits for its result.
 *
 * @module
 */
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";

/** ⇒ (key, effect) ⇒ the result of the effect, or of the one that already runs under this key. */
export const makeOnce = <A, E>(): <R>(key: string, effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> => {
  const running = new Map<string, Deferred.Deferred<A, E>>();
  return (key, effect) =>
    Effect.suspend(() => {
      const there = running.get(key);
      if (there !== undefined) return Deferred.await(there);
      const mine = Deferred.makeUnsafe<A, E>();
      running.set(key, mine);
      return Effect.onExit(effect, (exit) => {
        running.delete(key);
        return Deferred.done(mine, exit);
      });
    });
};
