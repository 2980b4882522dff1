/**
 * A machine's fault is no outcome of a cell: the cell goes back into the queue, and the machine waits before the next
 * one.
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

/** (failure) ⇒ whether the cell may still be trained: by another machine, or by this one once it is repaired. */
export const isMachineFault = ({ tag }: Pick<CellFailed, "tag">): boolean => tags.has(tag);

const patience = 3; // faults with one cell, while others are trained
const longest = 60; // seconds

/** What a machine remembers of its faults. */
export interface FaultRecord {
  /** A cell was trained: the machine is fit. */
  readonly trained: () => void;
  /**
   * (key of a cell with which there was a fault) ⇒ seconds to wait before the next cell, 1, 2, 4 … 60; null: this was
   * the third fault with this cell while others were trained, so that the fault is the cell's own.
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
