/**
 * Our whole trainings, one a request.
 *
 *   deno run --allow-all tests/bench/peers/our_trainings.ts   (answers requests)
 */
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { builtIn } from "../../../src/config/built_in.ts";
import { buildProgram, resolvePipeline } from "../../../src/config/resolve.ts";
import { taskOf } from "../../../src/config/task_in_pipeline.ts";
import { fold, makeKey } from "../../../src/math/random.ts";
import { iterate } from "../../../src/program/iterate.ts";
import { inlineSampler } from "../../../src/rollout/inline.ts";
import { tensorRuntime } from "../../../src/stages/tensor_runtime.ts";
import { serve } from "./protocol.ts";
import type { Met, TrainingAnswer, TrainingRequest } from "./trainings.ts";

/** (request) ⇒ when each threshold was reached: the mean return of the episodes that ended within a batch. */
const train = (request: TrainingRequest): Promise<TrainingAnswer> =>
  Effect.runPromise(
    Effect.gen(function* () {
      const file = new URL(`../../../pipelines/${request.pipeline}`, import.meta.url).pathname;
      const pipeline = yield* resolvePipeline(file, [`seed=${request.seed}`], builtIn);
      const task = taskOf(pipeline, builtIn), root = makeKey(pipeline.seed);
      const program = { stages: buildProgram(pipeline, builtIn) };
      const met: (Met | null)[] = request.thresholds.map(() => null), start = performance.now();
      const spent = () => (performance.now() - start) / 1000;
      let state = builtIn.initialState(task, pipeline, fold(root, "initialState")),
        steps = 0,
        best: number | null = null;
      for (let i = 1; met.includes(null) && steps < request.steps && spent() < request.seconds; i++) {
        const result = yield* iterate(program, state, root, i);
        state = result.state;
        steps += result.steps;
        const { meanReturn: reached } = result;
        if (reached === null) continue; // no episode ended
        best = Math.max(best ?? -Infinity, reached);
        request.thresholds.forEach((threshold, j) => {
          if (met[j] === null && reached >= threshold) met[j] = { steps, seconds: spent() };
        });
      }
      return { value: spent(), steps, met, best };
    }).pipe(Effect.provide(Layer.merge(inlineSampler, tensorRuntime))),
  );

await serve({
  versions: () => ({ value: 0, versions: { Deno: Deno.version.deno, V8: Deno.version.v8 } }),
  train: (request) => train(request as unknown as TrainingRequest),
});
