/**
 * What `mscv lab` can be asked for.
 *
 * @module
 */
import type { PanelSize } from "../estimators/estimator.ts";

/** What `lab` was asked for; null: as the budget has it. */
export interface LabRequest {
  /** Run folders (their last checkpoint), or checkpoints within them. */
  readonly places: ReadonlyArray<string>;
  readonly estimators: ReadonlyArray<string>;
  readonly size: PanelSize;
  readonly steps: number | null;
  readonly environments: number | null;
  readonly batches: number | null;
  readonly reference: number | null;
  readonly states: number | null;
  /** next: V and model are fitted as the next iteration would, up to its gradient; checkpoint: they are as they lie there. */
  readonly networks: "next" | "checkpoint";
  /** V, model and critic are refitted with each measured batch before its estimates, as training does. */
  readonly inSample: boolean;
  /** Changes of the pipeline, as `train` takes them. */
  readonly set: ReadonlyArray<string>;
  readonly seed: number;
  readonly workers: number;
  readonly json: string | null;
}
