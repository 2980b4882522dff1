/**
 * The elementwise parts of imagined steps as loops over rows. Places are offsets into `f`; matrices are
 * row-major.
 *
 * @module
 */
import type { ControlEnds } from "../../math/control_range.ts";
import { NEGLIGIBLE } from "./block_passes.ts";

/** to [rows, d], a block of a matrix of a given width, ← clip(mean [rows, d] + std·ε); ε from `at` on. */
export const actRows = (
  f: Float32Array,
  mean: number,
  to: number,
  width: number,
  rows: number,
  { low, high }: ControlEnds,
  std: Float32Array,
  noise: Float32Array,
  at: number,
): void => {
  for (let i = 0; i < rows; i++, to += width) {
    for (let j = 0; j < std.length; j++, mean++, at++) {
      const a = f[mean] + std[j] * noise[at];
      f[to + j] = a > high[j] ? high[j] : a < low[j] ? low[j] : a;
    }
  }
};

/** to [rows, d], a block of a matrix of a given width, ← clip(action); actions from `at` on. */
export const clipRows = (
  f: Float32Array,
  to: number,
  width: number,
  rows: number,
  { low, high }: ControlEnds,
  action: Float32Array,
  at: number,
): void => {
  for (let i = 0; i < rows; i++, to += width) {
    for (let j = 0; j < low.length; j++, at++) {
      const a = action[at];
      f[to + j] = a > high[j] ? high[j] : a < low[j] ? low[j] : a;
    }
  }
};

/** to [rows, d], a block of a matrix of a given width, ← x from `at` on; 0 where there is no x. */
export const placeRows = (
  f: Float32Array,
  to: number,
  width: number,
  rows: number,
  size: number,
  x: Float32Array | null,
  at: number,
): void => {
  for (let i = 0; i < rows; i++, to += width) {
    for (let j = 0; j < size; j++, at++) f[to + j] = x === null ? 0 : x[at];
  }
};

/** to [rows, d] ← (a + b) where low < clipped < high, else 0; `b` and `clipped` are blocks of matrices of a given width. */
export const clipSlopeRows = (
  f: Float32Array,
  clipped: number,
  a: number,
  b: number,
  width: number,
  to: number,
  rows: number,
  { low, high }: ControlEnds,
): void => {
  for (let i = 0; i < rows; i++, clipped += width, b += width) {
    for (let j = 0; j < low.length; j++, a++, to++) {
      const x = f[clipped + j];
      f[to] = x < high[j] && x > low[j] ? f[a] + f[b + j] : 0;
    }
  }
};

/** to ← from: columns with their own steps from row to row. */
export const copyColumn = (f: Float32Array, from: number, fs: number, to: number, ts: number, rows: number): void => {
  for (let i = 0; i < rows; i++, from += fs, to += ts) f[to] = f[from];
};

/** to ← to + from: columns with their own steps from row to row. */
export const addColumn = (f: Float32Array, from: number, fs: number, to: number, ts: number, rows: number): void => {
  for (let i = 0; i < rows; i++, from += fs, to += ts) f[to] += f[from];
};

/** to ← a·b ≥ 0, 0 where it is negligible: columns, the last with a step of its own. */
export const multiplyColumns = (
  f: Float32Array,
  a: number,
  b: number,
  bs: number,
  to: number,
  rows: number,
): void => {
  for (let i = 0; i < rows; i++, b += bs) {
    const product = f[a + i] * f[b];
    f[to + i] = product < NEGLIGIBLE ? 0 : product;
  }
};

/** y [rows, d] ← y within mean ± reach. */
export const boundRows = (f: Float32Array, y: number, rows: number, mean: Float32Array, reach: Float32Array): void => {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < mean.length; j++, y++) {
      const x = f[y] - mean[j];
      if (x > reach[j]) f[y] = mean[j] + reach[j];
      else if (x < -reach[j]) f[y] = mean[j] - reach[j];
    }
  }
};

/** gradient [rows, d] ← 0 where y [rows, d] lies at the ends of mean ± reach: the way back through the above. */
export const boundSlopeRows = (
  f: Float32Array,
  y: number,
  gradient: number,
  rows: number,
  mean: Float32Array,
  reach: Float32Array,
): void => {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < mean.length; j++, y++, gradient++) {
      const high = Math.fround(mean[j] + reach[j]), low = Math.fround(mean[j] - reach[j]);
      if (f[y] >= high || f[y] <= low) f[gradient] = 0;
    }
  }
};

/** y [rows, d] ← y·scale. */
export const scaleRows = (f: Float32Array, y: number, rows: number, scale: Float32Array): void => {
  for (let i = 0; i < rows; i++) for (let j = 0; j < scale.length; j++, y++) f[y] *= scale[j];
};

/** to ← (from − mean)·scale: columns with their own steps from row to row. */
export const normalizeColumn = (
  f: Float32Array,
  from: number,
  fs: number,
  mean: number,
  scale: number,
  to: number,
  ts: number,
  rows: number,
): void => {
  for (let i = 0; i < rows; i++, from += fs, to += ts) f[to] = (f[from] - mean) * scale;
};

/** to [rows, d] of a given width, columns from `first` on, ← (clip(action) − mean)·scale; actions from `at` on. */
export const normalizeActionRows = (
  f: Float32Array,
  action: Float32Array,
  at: number,
  mean: Float32Array,
  scale: Float32Array,
  first: number,
  { low, high }: ControlEnds,
  to: number,
  width: number,
  rows: number,
): void => {
  for (let i = 0; i < rows; i++, to += width) {
    for (let j = first; j < mean.length; j++, at++) {
      const a = action[at], most = high[j - first], least = low[j - first];
      f[to + j] = ((a > most ? most : a < least ? least : a) - mean[j]) * scale[j];
    }
  }
};

/** to ← to + from·scale: columns with their own steps from row to row. */
export const addScaledColumn = (
  f: Float32Array,
  from: number,
  fs: number,
  scale: number,
  to: number,
  ts: number,
  rows: number,
): void => {
  for (let i = 0; i < rows; i++, from += fs, to += ts) f[to] += f[from] * scale;
};

/** to [rows, d] ← to + a·scale, a block of a matrix of a given width. */
export const addScaledRows = (
  f: Float32Array,
  a: number,
  width: number,
  scale: Float32Array,
  to: number,
  rows: number,
  size: number,
): void => {
  for (let i = 0; i < rows; i++, a += width) for (let j = 0; j < size; j++, to++) f[to] += f[a + j] * scale[j];
};
