/**
 * Training of a run that was prepared: by `train`, and by the process of a cell.
 * (engine, prepared, observe) ⇒ (last checkpoint)
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { buildProgram } from "../config/resolve.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { IterationRecord } from "./run_log.ts";
import { train, type TrainingEnd } from "./train.ts";
import type { StageServices } from "../stages/stage.ts";
import type { Engine } from "./engine.ts";
import { orNothing } from "./failed_start.ts";
import type { Prepared } from "./prepare_run.ts";

/** Trains to the pipeline's last iteration; a new run that fails in its first one leaves nothing. */
export const trainPrepared = (
  { catalog }: Engine,
  { folder, lock, pipeline, start, isNew }: Prepared,
  observe: (record: IterationRecord) => Effect.Effect<void>,
): Effect.Effect<Checkpoint, TrainingEnd, StageServices> => {
  const { iterations, checkpoint } = pipeline;
  const training = Effect.suspend(() =>
    train({
      program: { stages: buildProgram(pipeline, catalog) },
      folder,
      lock,
      start,
      iterations,
      checkpoint,
      observe,
    })
  );
  return isNew ? orNothing(folder, training) : training;
};
