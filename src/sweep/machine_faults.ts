/**
 * Faults of a machine are no outcome of a cell: it goes back, and the machine waits before it takes another.
 *
 * @module
 */
import type { CellFailed } from "./cell_work.ts";

/**
 * A full or read-only disk, a process that cannot be started, a pipeline that this machine's version cannot read, settings
 * that mean nothing, a cell that another machine has taken over.
 */
const tags: ReadonlySet<string> = new Set([
  "RunFolderBusy",
  "RunFolderUnwritable",
  "ProcessNotStarted",
  "ConfigInvalid",
  "SettingInvalid",
]);

/** (failure) ⇒ whether another machine, or this one once it is mended, may well train the cell. */
export const isMachineFault = ({ tag }: Pick<CellFailed, "tag">): boolean => tags.has(tag);

const patience = 3; // faults with one cell, while others are trained
const longest = 60; // seconds

/** What a machine remembers of its faults. */
export interface FaultRecord {
  /** A cell was trained: the machine is fit. */
  readonly trained: () => void;
  /**
   * (key of a cell with which there was a fault) ⇒ seconds to wait before the next cell, 1, 2, 4 … 60; null: the machine
   * has trained others meanwhile and has failed with this one three times, so that it is the cell's own.
   */
  readonly fault: (key: string) => number | null;
}

/** A record without faults. */
export const makeFaultRecord = (): FaultRecord => {
  const cells = new Map<string, { count: number; readonly trainedBefore: number }>();
  let trained = 0, inARow = 0;
  return {
    trained: () => {
      trained++;
      inARow = 0;
    },
    fault: (key) => {
      const cell = cells.get(key) ?? { count: 0, trainedBefore: trained };
      cells.set(key, cell);
      if (++cell.count >= patience && trained > cell.trainedBefore) return null;
      return Math.min(longest, 2 ** inARow++);
    },
  };
};
