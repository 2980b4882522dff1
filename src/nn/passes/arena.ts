/**
 * One allocation for all that a computation works on.
 *
 * @module
 */
import type { Passes } from "./passes.ts";

/** (count of float32) ⇒ place of the next piece. */
export type Take = (count: number) => number;

/** Pieces that lie in one allocation. */
export interface Arena<A> {
  /** What `draw` made of them. */
  readonly places: A;
  /** Gives all of it back. */
  readonly free: () => void;
}

const LINE = 16; // floats of a cache line, on which pieces begin

/**
 * (passes, draw) ⇒ (arena): `draw` takes its pieces twice, once at 0 for their size and once where they lie.
 * Fails: `OutOfMemory`, with nothing left allocated.
 */
export const openArena = <A>(passes: Passes, draw: (take: Take) => A): Arena<A> => {
  let next = 0;
  const take: Take = (count) => {
    const place = next;
    next += Math.ceil(count / LINE) * LINE + LINE; // a line apart: columns of one power of two would share cache sets
    return place;
  };
  draw(take);
  const base = passes.allocate(next + LINE);
  next = Math.ceil(base / LINE) * LINE;
  return { places: draw(take), free: () => passes.free(base) };
};
