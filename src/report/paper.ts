/**
 * The paper's Table 1: the iteration at which a method met the threshold.
 *
 * @module
 */

/** A row of the table. */
export interface PrintedRow {
  readonly threshold: number;
  /** Environment steps an iteration. */
  readonly batch: number;
  /** Iterations. */
  readonly mscv: number;
  /** Iterations. */
  readonly trpo: number;
}

/** By task. Source: MSCV, Table 1 and §6. */
export const printedTable: Readonly<Record<string, PrintedRow>> = {
  swimmer: { threshold: 90, batch: 5000, mscv: 21, trpo: 30 },
  reacher: { threshold: -7, batch: 5000, mscv: 34, trpo: 42 },
  hopper: { threshold: 2000, batch: 5000, mscv: 35, trpo: 57 },
  walker2d: { threshold: 2500, batch: 25000, mscv: 167, trpo: 279 },
};
