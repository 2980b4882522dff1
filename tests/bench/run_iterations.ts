/** Runs a pipeline's iterations in this process, without a run folder: what the benches time. */
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { buildProgram, resolvePipeline } from "../../src/config/resolve.ts";
import { taskOf } from "../../src/config/task_in_pipeline.ts";
import { builtIn } from "../../src/config/built_in.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { iterate, type IterationResult } from "../../src/program/iterate.ts";
import { inlineSampler } from "../../src/rollout/inline.ts";
import { tensorRuntime } from "../../src/stages/tensor_runtime.ts";

/** (pipeline file, overrides, iterations) ⇒ each iteration's result, handed to `observe` as it comes. */
export const runIterations = (
  file: string,
  overrides: ReadonlyArray<string>,
  iterations: number,
  observe: (result: IterationResult, iteration: number) => void,
): Promise<void> =>
  Effect.runPromise(
    Effect.gen(function* () {
      const pipeline = yield* resolvePipeline(file, overrides, builtIn);
      const task = taskOf(pipeline, builtIn), root = makeKey(pipeline.seed);
      const program = { stages: buildProgram(pipeline, builtIn) };
      let state = builtIn.initialState(task, pipeline, fold(root, "initialState"));
      for (let i = 1; i <= iterations; i++) {
        const result = yield* iterate(program, state, root, i);
        state = result.state;
        observe(result, i);
      }
    }).pipe(Effect.provide(Layer.merge(inlineSampler, tensorRuntime))),
  );
