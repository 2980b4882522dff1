/**
 * One row times a matrix, for networks that see one observation at a time.
 *
 * @module
 */
import {
  advance,
  type Code,
  type FunctionSource,
  get,
  I32,
  int,
  type Lanes,
  loop,
  plus,
  set,
  times,
  V128,
} from "./assembler.ts";

/** Outputs that are summed side by side in registers. */
export const WIDE = 32;
/** Outputs of a vector. */
export const NARROW = 4;

/**
 * (x [in], W, y, bytes of x, wide blocks, narrow blocks): y ← x W. W lies in blocks of 32 outputs [in, 32], then in blocks
 * of 4 [in, 4]; y is as long as all of them.
 */
export const rowSource = (vector: Lanes): FunctionSource => {
  const [x, w, y, bytes, wide, narrow, p, end, yEnd] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const [splat, sums] = [9, 10];
  const blocks = (count: number, outputs: number): Code => {
    const vectors = Array.from({ length: outputs / 4 }, (_, v) => v), size = int(outputs * 4);
    const row = [
      ...set(splat, vector.splat(get(p))),
      ...vectors.flatMap((v) => set(sums + v, vector.fma(get(splat), vector.load(get(w), v * 16), get(sums + v)))),
      ...advance(w, size),
    ];
    const block = [
      ...vectors.flatMap((v) => set(sums + v, vector.constant(0))),
      ...set(p, get(x)),
      ...loop(p, get(end), int(4), row),
      ...vectors.flatMap((v) => vector.store(get(y), get(sums + v), v * 16)),
    ];
    return [...set(yEnd, plus(get(y), times(get(count), size))), ...loop(y, get(yEnd), size, block)];
  };
  return {
    name: "rowTimes",
    parameters: 6,
    locals: [I32, I32, I32, ...Array(1 + WIDE / 4).fill(V128)],
    body: [...set(end, plus(get(x), get(bytes))), ...blocks(wide, WIDE), ...blocks(narrow, NARROW)],
  };
};
