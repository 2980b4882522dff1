/**
 * One of a kind at a time: whoever asks for what is under way waits for that one.
 *
 * @module
 */
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";

/** ⇒ (key, effect) ⇒ the effect, or the end of the one that runs under this key. */
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
