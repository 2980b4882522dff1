/**
 * What the ledger of a sweep says of a cell.
 *
 * @module
 */

import type { Outcome } from "./manifest.ts";

/** How far a cell is. */
export interface Progress {
  readonly iterations: number;
  /** Environment steps. */
  readonly steps: number;
  readonly host: string;
}

/** A cell as the ledger has it. */
export interface LedgerEntry extends Progress {
  /** As `workKey` makes it. */
  readonly key: string;
  /** Since anything was heard of it. */
  readonly silentSeconds: number;
  /** Null until it is recorded. */
  readonly outcome: Outcome | null;
}
