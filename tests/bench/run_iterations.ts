/** Runs a pipeline's iterations in this process, without a run folder: what the benches time. */
import * as Effect from "effect/Effect";
import { buildProgram, resolvePipeline } from "../../src/config/resolve.ts";
import { taskOf } from "../../src/config/task_in_pipeline.ts";
import { builtIn } from "../../src/config/built_in.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { iterate, type IterationResult } from "../../src/program/iterate.ts";
import { loadEngine } from "../../src/run/engine.ts";

/** (pipeline file, overrides, iterations, observer, threads) ⇒ each iteration's result, handed to `observe` as it comes. */
export const runIterations = async (
  file: string,
  overrides: ReadonlyArray<string>,
  iterations: number,
  observe: (result: IterationResult, iteration: number) => void,
  threads = 1,
): Promise<void> => {
  const { services } = await loadEngine({ catalog: builtIn });
  return await Effect.runPromise(
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
    }).pipe(Effect.provide(services(threads))),
  );
};
