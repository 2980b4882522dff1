/**
 * The passes over blocks by kernels, in units of float32 numbers.
 *
 * @module
 */
import type { Block, BlockPasses, RangePlaces } from "../passes/block_passes.ts";
import type { SimdKernels } from "./simd.ts";

const inBytes = (...blocks: ReadonlyArray<Block>): number[] => blocks.flatMap(({ at, width }) => [at * 4, width * 4]);
const numbers = ({ mean, scale, low, high }: RangePlaces): number[] => [mean * 4, scale * 4, low * 4, high * 4];

/** (kernels) ⇒ the passes. */
export const makeBlocks = (simd: SimdKernels): BlockPasses => ({
  add: (a, b, to, rows, columns) => simd.addBlocks(...inBytes(a, b, to), rows, columns),
  copy: (from, to, rows, columns) =>
    simd.copyBlock(from.at * 4, from.width * 4, to.at * 4, to.width * 4, rows, columns),
  copySignificant: (from, to, rows, columns) => simd.copySignificant(...inBytes(from, to), rows, columns),
  normalize: (from, to, rows, columns, range) =>
    simd.normalizeBlock(...inBytes(from, to), ...numbers(range), rows, columns),
  addNormalizeSlope: (normal, a, b, to, rows, columns, range) =>
    simd.addNormalizeSlope(...inBytes(normal, a, b, to), ...numbers(range), rows, columns),
});
