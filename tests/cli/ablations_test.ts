/**
 * Every variant of every ablation runs: its smallest cell, the first task with the first seed, for two tiny iterations.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import * as Effect from "effect/Effect";
import { readdirSync } from "node:fs";
import { isAblation, resolveAblation } from "../../src/config/ablation.ts";
import type { AblationCell } from "../../src/config/ablation_schema.ts";
import { builtIn } from "../../src/config/built_in.ts";
import { buildProgram } from "../../src/config/resolve.ts";
import { taskOf } from "../../src/config/task_in_pipeline.ts";
import type { Pipeline } from "../../src/config/pipeline.ts";
import type { Metrics } from "../../src/data/gradient.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { iterate } from "../../src/program/iterate.ts";
import { runStage } from "../stages/program.ts";

const folder = "pipelines/ablations/";
const files = readdirSync(folder).map((name) => folder + name).filter(isAblation).sort();

/** Options that make a stage quick, where it has them. */
const tiny: Readonly<Record<string, number>> = { steps: 100, environments: 2, updates: 2, batchSize: 16, epochs: 1 };

const shrink = (pipeline: Pipeline): Pipeline => ({
  ...pipeline,
  program: pipeline.program.map(({ stage, options }) => ({
    stage,
    options: Object.fromEntries(Object.entries(options).map(([name, x]) => [name, tiny[name] ?? x])),
  })),
});

/** (pipeline) ⇒ metrics of its second iteration. */
const twoIterations = (pipeline: Pipeline): Promise<Metrics> =>
  runStage(Effect.gen(function* () {
    const task = taskOf(pipeline, builtIn), root = makeKey(pipeline.seed);
    const program = { stages: buildProgram(pipeline, builtIn) };
    const first = yield* iterate(program, builtIn.initialState(task, pipeline, fold(root, "initialState")), root, 1);
    return (yield* iterate(program, first.state, root, 2)).metrics;
  }));

/** The first cell of each variant. */
const smallest = (cells: ReadonlyArray<AblationCell>): ReadonlyArray<AblationCell> =>
  cells.filter((cell, i) => cells.findIndex(({ variant }) => variant === cell.variant) === i);

for (const file of files) {
  Deno.test(`${file}: the smallest cell of each variant runs two tiny iterations`, async () => {
    const { cells, compare } = Effect.runSync(resolveAblation(file, builtIn));
    const variants = smallest(cells);
    assert(variants.length >= 2 && compare.length >= 1);
    for (const { pipeline, variant } of variants) {
      const metrics = await twoIterations(shrink(pipeline));
      assert(Number.isFinite(metrics["estimateGradient.gradientNorm"]), variant);
    }
    const settings = variants.map(({ pipeline: { program, networks, taskOptions } }) =>
      JSON.stringify([program, networks, taskOptions])
    );
    assertEquals(new Set(settings).size, settings.length, "two variants are the same");
  });
}

Deno.test("fit_timing: only networks that have not seen the batch leave it unbiased by them", async () => {
  const { cells } = Effect.runSync(resolveAblation(`${folder}fit_timing.yaml`, builtIn));
  const found = await Promise.all(
    smallest(cells).map(async ({ variant, pipeline }) => {
      // γ = 0: V bootstraps nothing where the batch cuts an episode
      const program = pipeline.program.map(({ stage, options }) => ({
        stage,
        options: stage === "estimateGradient" ? { ...options, advantage: "monteCarlo", discount: 0 } : options,
      }));
      return [variant, (await twoIterations(shrink({ ...pipeline, program })))["estimateGradient.unbiased"]];
    }),
  );
  assertEquals(Object.fromEntries(found), { before: 0, after: 1, crossfit: 1, valueAfter: 0, modelAfter: 0 });
});
