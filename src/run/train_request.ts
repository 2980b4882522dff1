/**
 * What `mscv train` can be asked for.
 *
 * @module
 */

/** Pipeline of `train` without arguments. */
export const defaultPipeline = "pipelines/swimmer_mscv.yaml";

/** What `train` was asked for. */
export interface TrainRequest {
  readonly pipeline: string | null;
  /** --set, --seed and --iterations in the form of --set. */
  readonly overrides: ReadonlyArray<string>;
  readonly iterations: number | null;
  readonly run: string | null;
  readonly runs: string;
  readonly resume: string | null;
  readonly workers: number;
}
