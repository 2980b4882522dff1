/**
 * Elementwise arithmetic on blocks of matrices as loops over a plain array.
 *
 * @module
 */
import { type Block, type BlockPasses, NEGLIGIBLE } from "./block_passes.ts";

/** Calls `visit` with the row and the column of every element. */
const each = (rows: number, columns: number, visit: (row: number, column: number) => void): void => {
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) visit(i, j);
};

const placeOf = ({ at, width }: Block, row: number, column: number): number => at + row * width + column;

/** (() ⇒ the array, which may have been replaced by a longer one) ⇒ the passes. */
export const makeArrayBlocks = (floats: () => Float32Array): BlockPasses => ({
  add: (a, b, to, rows, columns) => {
    const f = floats();
    each(rows, columns, (i, j) => f[placeOf(to, i, j)] = f[placeOf(a, i, j)] + f[placeOf(b, i, j)]);
  },
  copy: (from, to, rows, columns) => {
    const f = floats();
    each(rows, columns, (i, j) => f[placeOf(to, i, j)] = f[placeOf(from, i, j)]);
  },
  copySignificant: (from, to, rows, columns) => {
    const f = floats();
    each(rows, columns, (i, j) => {
      const x = f[placeOf(from, i, j)];
      f[placeOf(to, i, j)] = (Math.abs(x) > NEGLIGIBLE ? x : 0) + (x - x); // x − x: NaN where x is not finite
    });
  },
  normalize: (from, to, rows, columns, { mean, scale, low, high }) => {
    const f = floats();
    each(rows, columns, (i, j) => {
      const x = (f[placeOf(from, i, j)] - f[mean + j]) * f[scale + j];
      f[placeOf(to, i, j)] = Math.max(Math.min(x, f[high + j]), f[low + j]);
    });
  },
  addNormalizeSlope: (normal, a, b, to, rows, columns, { scale, low, high }) => {
    const f = floats();
    each(rows, columns, (i, j) => {
      const x = f[placeOf(normal, i, j)];
      if (x < f[high + j] && x > f[low + j]) {
        f[placeOf(to, i, j)] += (f[placeOf(a, i, j)] + f[placeOf(b, i, j)]) * f[scale + j];
      }
    });
  },
});
