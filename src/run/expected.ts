/**
 * What the checkpoints of a pipeline's runs must be like.
 * (pipeline, catalog) ⇒ (expected)
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { makeKey } from "../math/random.ts";
import { liftThrown } from "../program/thrown.ts";
import type { Expected } from "./expected_state.ts";
import type { StageDefect } from "../program/errors.ts";
import type { TensorsExhausted } from "../stages/errors.ts";
import type { Task } from "../tasks/task.ts";
import { type Catalog, taskOf } from "../config/catalog.ts";
import type { Pipeline } from "../config/pipeline.ts";
import { hashPipeline } from "../config/print.ts";
import { buildProgram, stateBefore } from "../config/resolve.ts";
import { ownSlots } from "../program/flow_check.ts";

/** Numbers of environments that the stages which write them are told to use; null where one is not told. */
const environmentsOf = ({ program }: Pipeline, task: Task, { stages }: Catalog): ReadonlyArray<number> | null => {
  const told = program.filter(({ stage, options }) => stages[stage](task, options).writes.includes("envs"))
    .map(({ options }) => options.environments);
  return told.every((each) => typeof each === "number") ? told : null;
};

/** (pipeline, catalog) ⇒ what its checkpoints must be like, whatever the hash in them. Fails: TensorsExhausted, StageDefect. */
export const expectedOf = (
  pipeline: Pipeline,
  catalog: Catalog,
): Effect.Effect<Expected, TensorsExhausted | StageDefect> =>
  liftThrown(
    "initialState",
    Effect.sync(() => {
      const task = taskOf(pipeline, catalog), { model } = task;
      return {
        state: stateBefore(pipeline, catalog, makeKey(pipeline.seed)),
        ownSlots: ownSlots(buildProgram(pipeline, catalog)).map(({ name }) => name),
        seed: pipeline.seed,
        pipelineHash: null,
        environments: environmentsOf(pipeline, task, catalog),
        widths: {
          observation: task.observationSize,
          action: task.actionSize,
          positions: model.nq,
          velocities: model.nv,
        },
      };
    }),
  );

/** (pipeline, catalog) ⇒ the same for the very pipeline that made them, which a run can go on with. */
export const expectedToGoOn = (
  pipeline: Pipeline,
  catalog: Catalog,
): Effect.Effect<Expected, TensorsExhausted | StageDefect> =>
  Effect.map(expectedOf(pipeline, catalog), (expected) => ({ ...expected, pipelineHash: hashPipeline(pipeline) }));
