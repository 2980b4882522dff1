/**
 * Training of a run that was prepared: by `train`, by the process of a cell, and by `trainRun`.
 * (prepared, observe) ⇒ (run)
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { buildProgram } from "../config/resolve.ts";
import { fold, makeKey } from "../math/random.ts";
import type { Sampler } from "../rollout/sampler.ts";
import type { StageServices } from "../stages/stage.ts";
import { checkpointPath } from "./checkpoint.ts";
import { runEpisodes } from "./evaluation.ts";
import { orNothing } from "./failed_start.ts";
import type { ConfiguredRun, Run } from "./open_run.ts";
import type { Prepared } from "./prepared.ts";
import type { IterationRecord } from "./run_log.ts";
import { train, type Training, type TrainingEnd } from "./train.ts";

/** (run) ⇒ how it is evaluated while it trains, on random numbers of its own; null: not at all. */
const evaluationOf = (
  { pipeline: { seed, evaluation }, task }: ConfiguredRun,
): Training<never, Sampler>["evaluation"] => {
  if (evaluation === undefined) return null;
  const { every, episodes, actions } = evaluation, root = fold(makeKey(seed), "evaluation");
  return {
    every,
    run: (state, iteration) => runEpisodes({ task, state, episodes, actions, key: fold(root, iteration) }),
  };
};

/** Trains to the pipeline's last iteration; a new run that fails in its first one leaves nothing. */
export const trainPrepared = (
  { run, lock, start, isNew }: Prepared,
  observe: (record: IterationRecord) => void,
): Effect.Effect<Run, TrainingEnd, StageServices> => {
  const { folder, pipeline, engine: { catalog } } = run, { iterations, checkpoint } = pipeline;
  const training = Effect.suspend(() =>
    train({
      program: { stages: buildProgram(pipeline, catalog) },
      folder,
      lock,
      start,
      iterations,
      checkpoint,
      evaluation: evaluationOf(run),
      observe,
    })
  );
  return Effect.map(isNew ? orNothing(folder, training) : training, (last) => ({
    ...run,
    checkpoint: last,
    path: checkpointPath(folder.checkpoints, last.iteration),
    skipped: [],
  }));
};
