/**
 * Memory of float32 numbers in one plain array that grows: where networks run without kernels.
 *
 * @module
 */
import { OutOfMemory } from "./out_of_memory.ts";
import type { Passes } from "./passes.ts";

interface Piece {
  readonly at: number;
  readonly end: number;
}

/** (array, least length) ⇒ a longer one with the same beginning. Fails: `OutOfMemory`. */
const grown = (floats: Float32Array, least: number): Float32Array => {
  try {
    const longer = new Float32Array(Math.max(least, 2 * floats.length));
    longer.set(floats);
    return longer;
  } catch (error) { // RangeError: more than an array can hold, or than there is
    throw error instanceof RangeError ? new OutOfMemory(4 * least) : error;
  }
};

/** () ⇒ (memory): a piece lies in the first gap that has room for it. */
export const makeArrayMemory = (): Pick<Passes, "allocate" | "free" | "floats"> => {
  const pieces: Piece[] = []; // in the order in which they lie
  let floats: Float32Array = new Float32Array(0);
  return {
    floats: () => floats,
    allocate: (count) => {
      const size = Math.max(1, count);
      let at = 0, i = 0;
      while (i < pieces.length && pieces[i].at - at < size) at = pieces[i++].end;
      if (at + size > floats.length) floats = grown(floats, at + size);
      pieces.splice(i, 0, { at, end: at + size });
      return at;
    },
    free: (place) => {
      const i = pieces.findIndex(({ at }) => at === place);
      if (i >= 0) pieces.splice(i, 1);
    },
  };
};
