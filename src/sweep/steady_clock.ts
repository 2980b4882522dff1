/**
 * A clock that nobody can set: the time of day when it was made, and what has passed since.
 *
 * Leases and turns are points in time. By the machine's own clock, one that is set back would keep every cell waiting for
 * as long as the step, and one that is set forward would end the leases of cells in training.
 *
 * @module
 */
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";

/** (clock) ⇒ one that starts with it and is never set. */
export const steadyClock = (clock: Clock.Clock): Clock.Clock => {
  const began = clock.monotonicTimeNanosUnsafe(),
    start = BigInt(Math.round(clock.currentTimeMillisUnsafe())) * 1_000_000n;
  const nanos = () => start + clock.monotonicTimeNanosUnsafe() - began;
  const millis = () => Number(nanos() / 1_000_000n);
  return {
    currentTimeMillisUnsafe: millis,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: clock.monotonicTimeNanos,
    sleep: (duration) => clock.sleep(duration),
  };
};

/** The engine's clock. */
export const steadyTime: Layer.Layer<never> = Layer.effect(Clock.Clock, Effect.map(Clock.Clock, steadyClock));
