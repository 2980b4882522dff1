/**
 * Elementwise arithmetic on blocks of matrices.
 *
 * @module
 */

/** A block of a row-major matrix: place of its first number, floats from row to row. */
export interface Block {
  readonly at: number;
  readonly width: number;
}

/** Places of what normalises the columns of a block, each [columns]. */
export interface RangePlaces {
  readonly mean: number;
  readonly scale: number;
  /** ends of what is normalised */
  readonly low: number;
  readonly high: number;
}

/**
 * Less than this is taken as 0. Float32 sums of what a batch weighs do not see it, and where rollouts have all but ended
 * its products underflow, on which processors are a hundred times slower.
 */
export const NEGLIGIBLE = 1e-24;

/** The passes, each over rows and columns. */
export interface BlockPasses {
  /** to ← a + b */
  readonly add: (a: Block, b: Block, to: Block, rows: number, columns: number) => void;
  /** to ← from */
  readonly copy: (from: Block, to: Block, rows: number, columns: number) => void;
  /** to ← from, 0 where that is negligible; NaN where it is not finite */
  readonly copySignificant: (from: Block, to: Block, rows: number, columns: number) => void;
  /** to ← (from − mean)·scale within the range */
  readonly normalize: (from: Block, to: Block, rows: number, columns: number, range: RangePlaces) => void;
  /** to ← to + (a + b)·scale where `normal` lies within the range's ends: the way back through the above */
  readonly addNormalizeSlope: (
    normal: Block,
    a: Block,
    b: Block,
    to: Block,
    rows: number,
    columns: number,
    range: RangePlaces,
  ) => void;
}
