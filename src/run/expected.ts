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
import type { AnyStage } from "../stages/stage.ts";
import type { Catalog } from "../config/catalog.ts";
import { buildProgram, stateBefore } from "../config/resolve.ts";
import { taskOf } from "../config/task_in_pipeline.ts";
import type { Pipeline } from "../config/pipeline.ts";
import { hashPipeline } from "../config/print.ts";
import { ownSlots } from "../program/flow_check.ts";

/** Numbers of environments that the stages which write them are told to use; null where one is not told. */
const environmentsOf = (pipeline: Pipeline, stages: ReadonlyArray<AnyStage>): ReadonlyArray<number> | null => {
  const told = pipeline.program.filter((_, i) => stages[i].writes.includes("envs"))
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
      const task = taskOf(pipeline, catalog), stages = buildProgram(pipeline, catalog);
      return {
        state: stateBefore(pipeline, catalog, makeKey(pipeline.seed)),
        ownSlots: ownSlots(stages).map(({ name }) => name),
        seed: pipeline.seed,
        pipelineHash: null,
        environments: environmentsOf(pipeline, stages),
        widths: {
          observation: task.observationSize,
          action: task.actionSize,
          state: task.simulator.stateSize,
        },
      };
    }),
  );

/** (pipeline, catalog) ⇒ the same for the very pipeline that made them, which a run can go on with. */
export const expectedToGoOn = (
  pipeline: Pipeline,
  catalog: Catalog,
): Effect.Effect<Expected, TensorsExhausted | StageDefect> =>
  Effect.map(
    expectedOf(pipeline, catalog),
    (expected) => ({ ...expected, pipelineHash: hashPipeline(pipeline, catalog) }),
  );
